# What the scripts that plant and heal have in common. They are run by bash, as a user with sudo, on one machine of a
# cluster, with this file before them. What is changed is kept first, as /root/kept-…: a second plant keeps nothing, so
# that it never keeps what the first has planted; healing removes what was kept, so that a second one changes nothing.
set -euo pipefail

MANIFESTS=/etc/kubernetes/manifests
PKI=/etc/kubernetes/pki

# K ARGUMENT…: kubectl as administrator, on a control plane.
K() { sudo kubectl --kubeconfig /etc/kubernetes/admin.conf "$@"; }

# as_node ARGUMENT…: kubectl with the rights of this machine's kubelet, where there is no administrator's file.
as_node() { sudo kubectl --kubeconfig /etc/kubernetes/kubelet.conf "$@"; }

# ETCD ARGUMENT…: etcdctl of the member on this machine. An external member listens at the machine's address alone.
ETCD() {
  sudo nsenter --mount --target "$(pgrep -xo etcd)" etcdctl --endpoints "https://$(address "$(hostname)"):2379" \
    --cacert $PKI/etcd/ca.crt --cert $PKI/etcd/healthcheck-client.crt --key $PKI/etcd/healthcheck-client.key "$@"
}

# address NAME: the IPv4 address of a machine, by its name alone or in the clusters' own domain. A machine's own name may
# also stand for the loopback interface.
address() {
  local name found=
  for name in "$1" "$1.kubeadm-ha.test"; do
    found=${found:-$(getent ahostsv4 "$name" | awk '$1 !~ /^127\./ { print $1; exit }' || true)}
  done
  if [ -z "$found" ] && [ "$1" = "$(hostname)" ]; then found=$(hostname -I | awk '{ print $1 }'); fi
  if [ -z "$found" ]; then echo "no address of $1" >&2; return 1; fi
  echo "$found"
}

# wait_until SECONDS COMMAND…: until the command succeeds, a try each second.
wait_until() {
  local limit=$1 end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ $SECONDS -ge $end ]; then echo "not within $limit seconds: $*" >&2; return 1; fi
    sleep 1
  done
}

# -- what is kept

# place NAME: where a path, or a value of this name, is kept.
place() { echo "/root/kept-$(echo "${1#/}" | tr / _)"; }

# keep PATH…: copies of files. A link is followed.
keep() {
  local each
  for each; do sudo test -e "$(place "$each")" || sudo cp -p "$each" "$(place "$each")"; done
}

# restore PATH…: the content as it was, with its owner and mode; a link stays a link.
restore() {
  local each
  for each; do
    sudo test -e "$(place "$each")" || continue
    sudo cp -p "$(place "$each")" "$each"
    sudo rm "$(place "$each")"
  done
}

# keep_value NAME COMMAND…: what a command prints. A command that fails keeps nothing.
keep_value() {
  local name=$1 value
  shift
  sudo test ! -e "$(place "$name")" || return 0
  value=$("$@") || return
  echo "$value" | sudo tee "$(place "$name")" >/dev/null
}

# value NAME: what was kept; nothing where nothing was.
value() { ! sudo test -e "$(place "$1")" || sudo cat "$(place "$1")"; }

# forget NAME: remove what was kept.
forget() { sudo rm -f "$(place "$1")"; }

# change PATH EXPRESSION: a file as sed makes it of the kept copy; a sed that changes nothing is a plant that failed.
change() {
  keep "$1"
  sudo sed "$2" "$(place "$1")" | sudo tee /root/changed >/dev/null
  if sudo cmp -s /root/changed "$(place "$1")"; then echo "nothing to change in $1" >&2; return 1; fi
  sudo cp /root/changed "$1"  # keeps the owner and the mode of what is there
  sudo rm /root/changed
}

# keep_map NAMESPACE NAME: the data of a ConfigMap, as the patch that brings them back.
keep_map() { keep_value "$1-$2" patch_of "$1" "$2"; }
patch_of() {
  local data
  data=$(K -n "$1" get configmap "$2" -o 'jsonpath={.data}') || return
  printf '{"data":%s}' "$data"
}

# restore_map NAMESPACE NAME: the kept data again. Nothing was added to them.
restore_map() {
  sudo test -e "$(place "$1-$2")" || return 0
  K -n "$1" patch configmap "$2" --type merge --patch-file "$(place "$1-$2")"
  forget "$1-$2"
}

# change_map NAMESPACE NAME EXPRESSION: a ConfigMap as sed makes it.
change_map() {
  keep_map "$1" "$2"
  K -n "$1" get configmap "$2" -o yaml | sed "$3" | K replace -f -
}

# -- what is restarted

# pid NAME: the process of a static pod; the kernel cuts names at 15 characters.
pid() { pgrep -xo "${1:0:15}"; }

gone() { ! pid "$1"; }

# ready NAME: whether a static pod of this machine answers that it is.
ready() {
  local url
  case "$1" in
    kube-apiserver) url=https://127.0.0.1:6443/readyz ;;
    kube-controller-manager) url=https://127.0.0.1:10257/healthz ;;
    kube-scheduler) url=https://127.0.0.1:10259/healthz ;;
    etcd) url=http://127.0.0.1:2381/livez ;;  # not /health, which fails while there is an alarm
  esac
  curl --silent --fail --insecure --max-time 3 "$url"
}

# Static pods are restarted while the kubelet does not run: one that does waits ten seconds and more between the end of a
# pod and the start of the next.

# again NAME…: restart static pods. With etcd its machine's API server is: while that hangs, a kubelet that has just been
# started gets no answer, and starts no pod for minutes.
again() {
  local each
  sudo systemctl stop kubelet
  if [ "$1" = etcd ] && sudo test -e $MANIFESTS/kube-apiserver.yaml; then set -- "$@" kube-apiserver; fi
  for each; do end "$each"; done
  restart_kubelet
  for each; do wait_until 90 ready "$each"; done
}

# end NAME: end the process of a static pod. An API server would wait half a minute for its watches to end.
end() {
  local before signal=TERM
  before=$(pid "$1") || return 0
  [ "$1" != kube-apiserver ] || signal=KILL
  sudo kill -s $signal "$before"
  wait_until 40 gone "$1"
}

# put_manifest NAME FILE: a manifest as this file is, which lies outside of the folder; until its new process is ready.
put_manifest() {
  if sudo cmp -s "$2" "$MANIFESTS/$1.yaml" && ready "$1" >/dev/null; then sudo systemctl start kubelet; return; fi
  sudo systemctl stop kubelet
  sudo cp "$2" "$MANIFESTS/$1.yaml"
  again "$1"
}

# change_manifest NAME EXPRESSION: a static pod as sed makes its manifest of the kept copy.
change_manifest() {
  keep "$MANIFESTS/$1.yaml"
  sudo sed "$2" "$(place "$MANIFESTS/$1.yaml")" | sudo tee "/root/changed-$1" >/dev/null
  if sudo cmp -s "/root/changed-$1" "$(place "$MANIFESTS/$1.yaml")"; then echo "nothing to change in $1" >&2; return 1; fi
  put_manifest "$1" "/root/changed-$1"
  sudo rm "/root/changed-$1"
}

# restore_manifest NAME: a static pod as it was.
restore_manifest() {
  sudo test -e "$(place "$MANIFESTS/$1.yaml")" || return 0
  put_manifest "$1" "$(place "$MANIFESTS/$1.yaml")"
  restore "$MANIFESTS/$1.yaml"
  sudo rm -f "/root/changed-$1"
}

# flag NAME TEXT: the sed expression that adds a flag to a static pod's command, as its first.
flag() { echo "s#^    - $1\$#&\\n    - --$2#"; }

# restart_kubelet: until the kubelet answers that it is healthy.
restart_kubelet() {
  sudo systemctl restart kubelet
  wait_until 45 curl --silent --fail --max-time 3 http://127.0.0.1:10248/healthz
}

# dns_rolled_out: until CoreDNS runs as its Deployment says, and the pods that it replaces are gone.
dns_rolled_out() {
  K -n kube-system rollout status deployment coredns --timeout 75s
  wait_until 60 no_other_dns_pods
}
no_other_dns_pods() {
  local count replicas
  count=$(K -n kube-system get pods --selector k8s-app=kube-dns -o name | wc -l)
  replicas=$(K -n kube-system get deployment coredns -o 'jsonpath={.spec.replicas}')
  [ "$count" = "$replicas" ]
}

# dns_back_to REVISION: CoreDNS as it was. A revision that comes again has a new number, and the old one is gone.
dns_back_to() {
  if [ -n "$1" ] && K -n kube-system rollout history deployment coredns --revision "$1" >/dev/null 2>&1; then
    K -n kube-system rollout undo deployment coredns --to-revision "$1"
  fi
}

# change_balancer EXPRESSION, restore_balancer: HAProxy with another configuration, which it has accepted before.
change_balancer() { change /etc/haproxy/haproxy.cfg "$1"; reload_balancer; }
restore_balancer() { restore /etc/haproxy/haproxy.cfg; reload_balancer; }
reload_balancer() {
  local main before
  sudo haproxy -c -q -f /etc/haproxy/haproxy.cfg
  main=$(systemctl show --property MainPID --value haproxy)
  before=$(pgrep -nP "$main")
  sudo systemctl reload haproxy
  wait_until 15 other_worker "$main" "$before"  # a reload has only begun when systemctl ends
}
other_worker() { local now; now=$(pgrep -nP "$1") && [ "$now" != "$2" ]; }

# virtual_address: the one that keepalived of this machine moves, kept or not.
virtual_address() {
  local file
  file=$(place /etc/keepalived/keepalived.conf)
  sudo test -e "$file" || file=/etc/keepalived/keepalived.conf
  sudo sed -n '/virtual_ipaddress/{n;s/^ *\([0-9.]*\).*/\1/p}' "$file"
}

# alter FROM TO: other bytes in the database of this machine's member, which is halted meanwhile: nothing moves in it. TO
# has as many bytes as FROM.
alter() {
  local from=$1 to=$2 place=/var/lib/etcd/member/snap/db process offset
  [ ${#from} = ${#to} ]
  wait_until 5 sudo grep -qaE "$from|$to" "$place" || return 0  # nothing was planted
  process=$(pgrep -xo etcd)
  sudo kill -s STOP "$process"
  for offset in $(sudo grep -abo "$from" "$place" | cut -d : -f 1); do
    printf %s "$to" | sudo dd of="$place" bs=1 seek="$offset" conv=notrunc status=none
  done
  sudo kill -s CONT "$process"
}

# revision: that of this machine's member. later REVISION: whether the next two hundredth one after it is reached.
revision() { ETCD endpoint status -w json | grep -o '"revision":[0-9]*' | grep -o '[0-9]*$'; }
later() { [ $(($(revision) / 200)) -gt $(($1 / 200)) ]; }

# -- certificates and packets

# resign FILE AUTHORITY FROM TO: the certificate of a .crt file (its key beside it), a .pem or a kubeconfig, with the
# same key and names, and other dates. AUTHORITY is a path without its ending, the dates are as `date -d` reads them.
resign() {
  local from to
  from=$(date -u -d "$3" +%Y%m%d%H%M%SZ) to=$(date -u -d "$4" +%Y%m%d%H%M%SZ)
  sudo bash -s -- "$1" "$2" "$from" "$to" <<'SCRIPT'
set -euo pipefail
umask 077
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cd "$work"
case "$1" in
  *.conf)
    sed -n 's/^ *client-certificate-data: //p' "$1" | base64 -d > crt
    sed -n 's/^ *client-key-data: //p' "$1" | base64 -d > key ;;
  *.pem) cp "$1" crt; openssl pkey -in "$1" -out key ;;
  *.crt) cp "$1" crt; cp "${1%.crt}.key" key ;;
esac
cat > configuration <<END
[ca]
default_ca = own
[own]
database = index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
preserve = yes
copy_extensions = copyall
unique_subject = no
[any]
organizationName = optional
commonName = supplied
END
: > index
openssl x509 -x509toreq -in crt -signkey key -copy_extensions copyall -out request
openssl ca -batch -notext -config configuration -cert "$2.crt" -keyfile "$2.key" -startdate "$3" -enddate "$4" \
  -in request -out new
case "$1" in
  *.conf) sed "s|client-certificate-data: .*|client-certificate-data: $(base64 -w0 new)|" "$1" > whole ;;
  *.pem) cat new key > whole ;;
  *.crt) cat new > whole ;;
esac
cat whole > "$1"
SCRIPT
}

# serves ADDRESS:PORT FILE: whether the process that listens there presents the certificate of the file.
serves() {
  local presented stored
  presented=$(openssl s_client -connect "$1" </dev/null 2>/dev/null | openssl x509 -noout -serial) || return 1
  stored=$(sudo openssl x509 -noout -serial -in "$2")
  [ "$presented" = "$stored" ]
}

# drop HOOK PRIORITY MATCH…: lose packets. `raw` is before the addresses of Services are translated, `filter` after it.
drop() {
  local hook=$1 priority=$2 chain=$1_$2
  shift 2
  sudo nft add table inet seeded
  sudo nft "add chain inet seeded $chain { type filter hook $hook priority $priority; }"
  sudo nft add rule inet seeded "$chain" "$@" drop
}

# let_pass: lose none any more.
let_pass() { ! sudo nft list table inet seeded >/dev/null 2>&1 || sudo nft delete table inet seeded; }
