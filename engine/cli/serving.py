"""A process that keeps the clock running: passes, deliveries, and what is said of them."""

from __future__ import annotations

import signal
import threading

from engine.api import Carrier, Engine
from engine.cli.failing import fault, meant_by
from engine.cli.session import Session, local_words, system_now, zone_of
from engine.core.vocabulary import Instant
from engine.scheduler.embedded import Ticking
from engine.services.sweeping import Swept

DELIVERY_SECONDS = 30


def serve(session: Session, engine: Engine, carriers: list[Carrier], stop: threading.Event) -> None:
    """Tick until a signal says stop; what is running then is finished first."""
    troubles: set[str] = set()

    def tick() -> Instant | None:
        try:
            swept = engine.sweep()
            coming = engine.next_wake()
        except Exception as error:  # noqa: BLE001  said in words once; the next pass tries again
            _say_trouble(session, error, troubles)
            return None
        if troubles:
            troubles.clear()
            session.out.line("時計がまた動きはじめました。", "The clock is running again.", style="green")
        if swept.cases or swept.set_apart:
            say_swept(session, engine, swept)
        return coming

    others = {"delivery": (lambda: engine.deliver(carriers), DELIVERY_SECONDS)} if carriers else {}
    ticking = Ticking(engine.clock, tick, every_seconds=session.settings.sweep_seconds, others=others)
    engine.on_earlier(ticking.wake_by)
    previous = {each: signal.signal(each, lambda *_: stop.set()) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        ticking.start()
        session.out.line(
            "時計が動いています。止めるには Ctrl+C を押してください。",
            "The clock is running. Press Ctrl+C to stop.",
            style="green",
        )
        # In pieces, because a wait without limit is not woken by a signal on every system.
        while not stop.wait(1.0):
            pass
    finally:
        stop.set()
        ticking.stop()
        for each, handler in previous.items():
            signal.signal(each, handler)


def _say_trouble(session: Session, error: Exception, troubles: set[str]) -> None:
    """Say what keeps the clock from running, once for each trouble."""
    known = meant_by(error)
    code = known.code if known is not None else type(error).__name__
    if code in troubles or session.out.as_json:
        return
    troubles.add(code)
    asked = {"command": session.command}
    session.out.failure(known or fault(error, session.log_folder(), system_now(), asked))


def say_swept(session: Session, engine: Engine, swept: Swept) -> None:
    """Say what a pass of the clock did, and what it left or set apart."""
    at = local_words(swept.at, zone_of(engine))
    late = waited_words(swept.late_seconds, session.lang)
    session.out.line(
        f"{at}  時計: ケース {swept.cases} 件、出来事 {swept.events} 件"
        + (f"（最大 {late}遅れ）" if late else ""),
        f"{at}  clock: {swept.cases} cases, {swept.events} events"
        + (f" (up to {late} late)" if late else ""),
    )
    for case, code in swept.set_apart:
        session.out.line(
            f"  ✗ ケース {case} は扱えず、取り置きました（{code}）。",
            f"  ✗ Case {case} could not be acted on and was set apart ({code}).",
            style="bold red",
        )


def waited_words(seconds: int, lang: str) -> str:
    """Say how long something waited, in its largest whole unit; nothing below a minute."""
    for size, ja, en in ((86_400, "日", "day"), (3_600, "時間", "hour"), (60, "分", "minute")):
        count = seconds // size
        if count:
            return f"{count}{ja}" if lang == "ja" else f"{count} {en}{'' if count == 1 else 's'}"
    return ""
