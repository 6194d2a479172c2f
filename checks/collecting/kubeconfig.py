"""A way to the API by a kubeconfig. Kubernetes' own client loads it: exec plugins, proxies and names for TLS."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3
import yaml
from kubernetes import client
from kubernetes.config import kube_config
from kubernetes.config.config_exception import ConfigException

from checks.collecting.api import Reply
from checks.collecting.secret_parts import without_login, without_secrets
from provision.errors import BadInput
from provision.util.concurrency import within

_CONNECT, _READ = 3, 5  # seconds: an API server that is up answers a list of thousands of pods within these
_LATE = 7  # seconds for everything that is requested at once: an answer that trickles counts as none
_PLUGIN = 20  # seconds: a plugin that waits for a person is to be used before the check, with kubectl
_AT_ONCE = 16  # connections
_UNUSABLE = (
    ConfigException, OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, yaml.YAMLError,
    StopIteration, ImportError,
)  # fmt: skip


class ByKubeconfig:
    """Requests to the server of a kubeconfig, as its user."""

    def __init__(self, configuration: client.Configuration) -> None:
        self._configuration = configuration
        self._client = client.ApiClient(configuration, pool_threads=1)

    @classmethod
    def load(cls, file: Path, context: str = "") -> ByKubeconfig:
        """Raises BadInput for a file that is not a kubeconfig, or where an exec plugin of it fails or does not end.

        Why a plugin failed is not repeated: what it prints may be a secret.
        """
        loaded = within(_PLUGIN, lambda one: _loaded(one, context), [file])[0]
        if loaded is None:
            what = f"the kubeconfig {file} was not loaded within {_PLUGIN} s: its exec plugin does not end"
            raise BadInput(what, fix=f"kubectl --kubeconfig {file} get nodes, until that works")
        try:
            return cls(loaded)
        except _UNUSABLE as error:
            raise BadInput(f"the kubeconfig {file} cannot be used", answer=_reason(error)) from None

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
            return Reply(how, 0, error=_words(error))


def _loaded(file: Path, context: str) -> client.Configuration:
    """The client's own loading; nothing of the file is written anew, as it does where a token was renewed."""
    configuration = client.Configuration()
    configuration.retries = False
    configuration.connection_pool_maxsize = _AT_ONCE
    try:
        plugin = _plugin(file, context)
        with _silently():
            kube_config.load_kube_config(  # type: ignore[no-untyped-call]
                str(file), context or None, client_configuration=configuration, persist_config=False
            )
    except _UNUSABLE as error:
        raise BadInput(f"the kubeconfig {file} cannot be used", answer=_reason(error)) from None
    if plugin and not (configuration.api_key or configuration.cert_file):
        raise BadInput(
            f"the exec plugin {plugin} of the kubeconfig {file} gave no credentials",
            fix=f"kubectl --kubeconfig {file} get nodes, until that works",
        )
    if not configuration.verify_ssl:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the user's own choice
    return configuration


def _plugin(file: Path, context: str) -> str:
    """The program that gives the user's credentials; empty where none does. Where it fails, the client goes on."""
    read = yaml.safe_load(file.read_text())
    name = context or read["current-context"]
    user = next(each["context"].get("user") for each in read["contexts"] if each["name"] == name)
    found = next((each.get("user") or {} for each in read.get("users") or () if each["name"] == user), {})
    return str((found.get("exec") or {}).get("command", ""))


def _reason(error: BaseException) -> str:
    """Why a kubeconfig is unusable, without any of its text: a YAML error quotes the line."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"it is not valid YAML in line {error.problem_mark.line + 1}"
    if isinstance(error, StopIteration):
        return "it has no such context"
    if isinstance(error, ConfigException | OSError):
        return without_secrets(str(error).splitlines()[0])
    return f"it is not as a kubeconfig is: {type(error).__name__}"


@contextmanager
def _silently() -> Iterator[None]:
    """The client logs what a plugin printed."""
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
