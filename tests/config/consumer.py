"""A process that consumes the queue `work` and notes what it finished: `python -m tests.config.consumer FOLDER LOG`."""

import os
import sys
import time

from kombu import Connection, Queue

from config import fsbroker


def main(folder: str, log: str) -> None:
    fsbroker.register()
    notes = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def work(body: int, message) -> None:
        time.sleep(0.001)
        os.write(notes, f"{body}\n".encode())
        message.ack()

    with Connection("dianwei-files://", transport_options={"folder": folder, "polling_interval": 0.01}) as connection:
        consumer = connection.Consumer(Queue("work"), callbacks=[work], prefetch_count=4)
        with consumer:
            while True:
                try:
                    connection.drain_events(timeout=1)
                except TimeoutError:
                    continue


if __name__ == "__main__":
    main(*sys.argv[1:])
