"""A way to the API by a kubeconfig. Kubernetes' own client loads it: exec plugins, proxies and names for TLS."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import urllib3
from kubernetes import client
from kubernetes.config import kube_config
from kubernetes.config.config_exception import ConfigException

from checks.collecting.api import Reply
from provision.errors import BadInput

_CONNECT, _READ = 3, 10  # seconds: an API server that is up answers a list of thousands of pods within these
_AT_ONCE = 8  # connections


class ByKubeconfig:
    """Requests to the server of a kubeconfig, or with its user to another server of the cluster."""

    def __init__(self, configuration: client.Configuration) -> None:
        self._configuration = configuration
        self._client = client.ApiClient(configuration, pool_threads=1)

    @classmethod
    def load(cls, file: Path, context: str = "") -> ByKubeconfig:
        """Raises BadInput for a file that is no kubeconfig, or where an exec plugin of it fails."""
        configuration = client.Configuration()
        configuration.retries = False
        configuration.connection_pool_maxsize = _AT_ONCE
        try:
            kube_config.load_kube_config(  # type: ignore[no-untyped-call]
                str(file), context or None, client_configuration=configuration
            )
        except (ConfigException, OSError, ValueError, KeyError, TypeError) as error:
            raise BadInput(f"the kubeconfig {file} cannot be used", answer=str(error)) from None
        return cls(configuration)

    @property
    def server(self) -> str:
        """`https://NAME:PORT`, as the kubeconfig has it."""
        return str(self._configuration.host)

    def at(self, address: str) -> ByKubeconfig:
        """The same user at another server, `NAME:PORT`; its certificate has to be valid for that name."""
        other = copy.copy(self._configuration)
        other.host = f"https://{address}"
        return ByKubeconfig(other)

    def get(self, paths: Mapping[str, str]) -> Mapping[str, Reply]:
        """Replies by the names of the paths; each is requested once."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip(paths, pool.map(self._one, paths.values()), strict=True))

    def _one(self, path: str) -> Reply:
        how = f"GET {self.server}{path}"
        headers = {"Accept": "application/json"}
        settings: Mapping[str, Any] = self._configuration.auth_settings()  # asks an exec plugin again after its token
        headers |= {each["key"]: each["value"] for each in settings.values()}
        try:
            answer = self._client.rest_client.pool_manager.request(
                "GET", f"{self.server}{path}", headers=headers, timeout=urllib3.Timeout(_CONNECT, _READ), retries=False
            )
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            return Reply(how, 0, error=_words(error))
        return Reply(how, answer.status, answer.data.decode(errors="replace"))


def _words(error: Exception) -> str:
    """What went wrong, without the object that urllib3 puts before it."""
    text = str(error)
    return text.rpartition(">: ")[2] or text
