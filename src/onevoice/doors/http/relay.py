"""A relay: answers from the writer's thread reach the event loop many at a time, not with a wake-up each."""

import asyncio
from collections import deque
from concurrent.futures import Future
from typing import Any


class Relay:
    """One for an application. A group commit settles hundreds of futures at once; the loop is woken once for them."""

    def __init__(self) -> None:
        self._ready: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()
        self._woken = False

    async def wait(self, future: "Future[Any]") -> Any:
        """The result of a future of another thread. Raises what it raises."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Any] = loop.create_future()

        def done(settled: "Future[Any]") -> None:  # on the writer's thread
            self._ready.append((waiter, settled))
            if not self._woken:  # looked at after appending, and reset before emptying: nobody is left behind
                self._woken = True
                loop.call_soon_threadsafe(self._empty)

        future.add_done_callback(done)
        return await waiter

    def _empty(self) -> None:
        self._woken = False
        while self._ready:
            waiter, settled = self._ready.popleft()
            if waiter.done():  # the caller hung up meanwhile
                continue
            error = settled.exception()
            if error is not None:
                waiter.set_exception(error)
            else:
                waiter.set_result(settled.result())
