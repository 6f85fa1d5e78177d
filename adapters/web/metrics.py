"""What Prometheus reads: requests, who listens, how far reading has come, what is on its way, what the process needs.

No address, no name.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from time import perf_counter

from aiohttp import web
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from adapters.web.checks import PLATFORMS
from adapters.web.site import SITE
from bot.errors import StoreFailed
from bot.models import Drop, Platform, RunState, Traffic
from bot.ports import Store

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)  # seconds
STREAM = "/live"  # lasts as long as a page is open: its time says nothing


class Metrics:
    """The figures of one web server, in a registry of their own."""

    def __init__(self, readers: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "folkmoot_http_requests", "Requests by page and status", ["page", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "folkmoot_http_seconds", "Seconds to answer, by page", ["page"], buckets=BUCKETS, registry=self.registry
        )
        self._gaps = Gauge("folkmoot_gaps_open", "Channels being read because of a gap", registry=self.registry)
        self._stale = Gauge("folkmoot_channels_stale", "Channels that are behind for long", registry=self.registry)
        self._late = Gauge(
            "folkmoot_sweep_behind", "Channels on the web not read again for 30 days", registry=self.registry
        )
        self._whole = Gauge(
            "folkmoot_sweep_whole_round_seconds",
            "When every channel on the web had had a whole round, as Unix time; 0: not yet",
            registry=self.registry,
        )
        self._failing = Gauge("folkmoot_store_failing", "1 while nothing can be stored", registry=self.registry)
        self._reached = Gauge(
            "folkmoot_platform_connected", "1 while a platform reaches us", ["platform"], registry=self.registry
        )
        self._change = Gauge("folkmoot_last_change", "Number of the newest change", registry=self.registry)
        self._waiting = self._gauge("folkmoot_outbox_waiting", "Posts that were never shown yet")
        self._changes = self._gauge("folkmoot_outbox_changes", "Posts that stand and are not true any more")
        self._parked = self._gauge("folkmoot_outbox_parked", "Posts that were given up")
        self._oldest = self._gauge("folkmoot_outbox_oldest_seconds", "Age of the oldest post that was never shown yet")
        self._dropped = self._gauge("folkmoot_outbox_dropped", "Posts dropped before they were shown", "reason")
        self._runs = self._gauge("folkmoot_digest_runs", "Digests by what became of them", "state")
        Gauge("folkmoot_live_readers", "Open pages that are kept live", registry=self.registry).set_function(readers)
        tasks = Gauge("folkmoot_tasks", "Works under way in the event loop", registry=self.registry)
        tasks.set_function(lambda: len(asyncio.all_tasks()))
        ProcessCollector(registry=self.registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(name, what, labels, registry=self.registry)

    def _tell(self, traffic: Traffic, now: datetime) -> None:
        """Take what is on its way; a reason or state that is not among it has none."""
        self._waiting.set(traffic.waiting)
        self._changes.set(traffic.changes)
        self._parked.set(traffic.parked)
        self._oldest.set(max(0.0, (now - (traffic.oldest or now)).total_seconds()))
        for reason in Drop:
            self._dropped.labels(reason.value).set(traffic.dropped.get(reason.value, 0))
        for state in RunState:
            self._runs.labels(state.value).set(traffic.runs.get(state.value, 0))

    def count(self, page: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._requests.labels(page, str(status)).inc()
        if page != STREAM:
            self._seconds.labels(page).observe(seconds)

    async def text(self, store: Store, now: datetime, reached: Mapping[str, bool]) -> bytes:
        """Everything in Prometheus' text format; `reached` says of each platform whether it reaches us.

        While the store fails, that is told, and of what is in it the figures that it had last.
        """
        for platform, connected in reached.items():
            self._reached.labels(platform).set(connected)
        try:
            await self._ask(store, now)
            self._failing.set(bool(store.trouble))
        except StoreFailed:
            self._failing.set(1)
        return generate_latest(self.registry)

    async def _ask(self, store: Store, now: datetime) -> None:
        """Take the figures of what is in the store. StoreFailed if it does not answer."""
        self._change.set(await store.ledger.last_seq())
        self._gaps.set(sum([len(await store.gaps.open(platform)) for platform in Platform]))
        known = await store.places.channels()
        self._stale.set(sum(each.as_of is not None and each.settings.watched for each in known))
        swept = await store.sweeps.state(now)
        self._late.set(len(swept.behind))
        self._whole.set(0 if swept.whole_at is None else swept.whole_at.timestamp())
        self._tell(await store.setbacks.traffic(), now)


METRICS = web.AppKey("metrics", Metrics)


@web.middleware
async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count an answer under the pattern of its address, so that nobody can make up labels."""
    begun = perf_counter()
    status = web.HTTPInternalServerError.status_code
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as answer:
        status = answer.status
        raise
    else:
        return response
    finally:
        resource = request.match_info.route.resource
        page = "none" if resource is None else resource.canonical
        request.app[METRICS].count(page, status, perf_counter() - begun)


async def show(request: web.Request) -> web.Response:
    """The figures as they are now."""
    site = request.app[SITE]
    reached = {platform.value: each.connected for platform, each in request.app[PLATFORMS].items()}
    text = await request.app[METRICS].text(site.store, site.clock.now(), reached)
    return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})
