"""A way to the API by a kubeconfig. Kubernetes' own client loads it: users, proxies and names for TLS."""

from __future__ import annotations

import logging
import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3
from kubernetes import client
from kubernetes.config import kube_config
from kubernetes.config.config_exception import ConfigException

from checks.collecting import kubeconfig_files, plugins
from checks.collecting.api import Reply
from checks.collecting.on_the_way import NOT_REACHED, what_happened
from checks.collecting.secret_parts import without_login, without_secrets
from provision.util.concurrency import within
from provision.util.errors import BadInput

_CONNECT, _READ = 3, 5  # seconds: an API server that is up answers a list of thousands of pods within these
_LATE = 7  # seconds for everything that is requested at once: an answer that trickles counts as none
_AT_ONCE = 16  # connections
_UNUSABLE = (*kubeconfig_files.UNUSABLE, ConfigException, ImportError)


class ByKubeconfig:
    """Requests to the server of a kubeconfig, as its user."""

    def __init__(self, configuration: client.Configuration) -> None:
        self._configuration = configuration
        self._client = client.ApiClient(configuration, pool_threads=1)

    @classmethod
    def load(cls, files: Path | Sequence[Path], context: str = "") -> ByKubeconfig:
        """A kubeconfig, or several as kubectl merges them.

        Raises BadInput for files that are no kubeconfigs, and NoCredentials where an exec plugin fails or hangs.
        """
        several = [files] if isinstance(files, Path) else files
        config, called = kubeconfig_files.merged(several), os.pathsep.join(map(str, several))
        try:
            return cls(_loaded(config, context, called))
        except _UNUSABLE as error:
            raise BadInput(f"the kubeconfig {called} cannot be used", answer=_reason(error)) from None

    @property
    def server(self) -> str:
        """`https://NAME:PORT`, as the kubeconfig has it."""
        return str(self._configuration.host)

    def _how(self, path: str) -> str:
        return f"GET {without_login(self.server)}{path}"

    def get(self, paths: Mapping[str, str]) -> Mapping[str, Reply]:
        """Replies by the names of the paths; each is requested once."""
        settings: Mapping[str, Any] = self._configuration.auth_settings()
        headers = {"Accept": "application/json", **{each["key"]: each["value"] for each in settings.values()}}
        found = within(_LATE, lambda path: self._one(path, headers), paths.values())
        return {
            name: reply or Reply(self._how(path), 0, error=f"the answer took longer than {_LATE} s")
            for (name, path), reply in zip(paths.items(), found, strict=True)
        }

    def close(self) -> None:
        """End its connections."""
        self._client.rest_client.pool_manager.clear()
        self._client.close()  # type: ignore[no-untyped-call]

    def _one(self, path: str, headers: Mapping[str, str]) -> Reply:
        how = self._how(path)
        try:
            answer = self._client.rest_client.pool_manager.request(
                "GET", f"{self.server}{path}", headers=headers, timeout=urllib3.Timeout(_CONNECT, _READ), retries=False
            )
            return Reply(how, answer.status, answer.data.decode(errors="replace"))
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            way = "does not answer" if isinstance(error, urllib3.exceptions.ReadTimeoutError) else NOT_REACHED
            return Reply(how, 0, error=f"{way}: {what_happened(error, _words(error))}")


def _loaded(config: Mapping[str, Any], context: str, called: str) -> client.Configuration:
    """The client's own loading. Programs are run before, since the client would wait for them without an end."""
    name, cluster, user = kubeconfig_files.context(config, context)
    if "cmd-path" in ((user.get("auth-provider") or {}).get("config") or {}):
        what = f"the user of the kubeconfig {called} has a command of an auth-provider, which kubectl runs no more"
        raise BadInput(what, fix="give the user an exec plugin")
    if user.get("exec") and not (user.get("token") or user.get("tokenFile")):
        fix = f"KUBECONFIG={shlex.quote(called)} kubectl --context {shlex.quote(name)} get nodes, until that works"
        user |= plugins.credentials(user["exec"], cluster, called, fix)
    user = {key: value for key, value in user.items() if key != "exec"}
    alone = {
        "current-context": "it", "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "clusters": [{"name": "it", "cluster": cluster}], "users": [{"name": "it", "user": user}],
    }  # fmt: skip
    configuration = client.Configuration()
    configuration.retries = False
    configuration.connection_pool_maxsize = _AT_ONCE
    with _silently():
        kube_config.load_kube_config_from_dict(  # type: ignore[no-untyped-call]
            alone, client_configuration=configuration, persist_config=False
        )
    if not configuration.verify_ssl:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the user's own choice
    return configuration


def _reason(error: BaseException) -> str:
    """Why a kubeconfig is unusable, without any of its text."""
    if isinstance(error, ConfigException):
        return without_secrets(str(error).splitlines()[0])
    return kubeconfig_files.why(error)


@contextmanager
def _silently() -> Iterator[None]:
    """The client logs what it takes for faults, with what is secret in them."""
    logger, before = logging.getLogger(), logging.getLogger().disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before


def _words(error: Exception) -> str:
    """What went wrong, without the object that urllib3 puts before it."""
    text = str(error)
    return without_login(text.rpartition(">: ")[2] or text)  # a proxy may be named with its password
