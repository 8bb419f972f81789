"""python -m menshen_device_agent: one device agent."""

import sys
from functools import partial

from menshen.device.v1.device_pb2_grpc import add_DeviceServiceServicer_to_server
from menshen_servicekit.lifecycle import Process, run
from menshen_servicekit.server import Service

from menshen_device_agent.configuration import read_configuration
from menshen_device_agent.rpc.authorization import TABLE
from menshen_device_agent.rpc.device import DeviceServicer
from menshen_device_agent.settings import AgentSettings
from menshen_device_agent.wiring import Wiring


async def serve(process: Process[AgentSettings]) -> None:
    """Drive the configured doors until stopped."""
    file = process.settings.config_file
    configuration = read_configuration(file.read_text(encoding="utf-8"), file.parent)
    wiring = Wiring(process, configuration)
    wiring.start()
    servicer = DeviceServicer(wiring.agent, process.stopping)
    service = Service("menshen.device.v1.DeviceService", partial(add_DeviceServiceServicer_to_server, servicer))
    await process.serve([service], TABLE)


if __name__ == "__main__":
    sys.exit(run("device_agent", AgentSettings, serve))
