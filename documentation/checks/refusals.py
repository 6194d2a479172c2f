"""What programs refuse of one block, so that an edit can be judged on both sides."""

from __future__ import annotations

from documentation.checks import commands, configuration, images, kubelet, objects, yaml_syntax
from documentation.findings.rules import Finding
from documentation.pages.block import Block, Page
from documentation.programs.programs import Programs


def refusals(block: Block, programs: Programs | None) -> tuple[Finding, ...]:
    """What is wrong with a block of code or with commands in a sentence, by the programs that there are.

    What an old edition's block has and the new one's has not is an improvement; findings are compared by `identity`.
    """
    page = Page("block", "", "", (block,), frozenset())
    found = [*yaml_syntax.text_that_is_not_yaml(page), *images.an_image_of_a_frozen_registry(page)]
    if programs and programs.kubeadm:
        found += commands.a_command_that_kubeadm_does_not_have(page, programs.kubeadm)
        found += commands.flags_that_a_configuration_file_excludes(page, programs.kubeadm)
        found += configuration.a_configuration_that_kubeadm_refuses(page, programs.kubeadm)
        found += configuration.an_api_that_kubeadm_does_not_read(page, programs.kubeadm)
    if programs:
        found += commands.a_command_that_kubectl_does_not_have(page, programs)
        found += commands.a_command_that_etcdctl_does_not_have(page, programs)
        found += kubelet.a_flag_that_the_kubelet_does_not_have(page, programs)
        found += objects.an_object_that_an_api_server_refuses(page, programs)
    return tuple(found)
