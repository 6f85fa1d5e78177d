"""Properties tried at two sizes: quick in the suite, and in a soak as often as the catalogue of tests names."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

# What is wrong is said as it is found: to shrink a large example takes minutes.
LARGE = (Phase.explicit, Phase.reuse, Phase.generate)
ALL = (*LARGE, Phase.shrink)

Body = Callable[..., None]


def tried(
    quick: int, named: int, *, large: bool = False, **given_by: st.SearchStrategy[Any]
) -> Callable[[Body], Callable[[int], None]]:
    """Try a property so often: `quick` in the suite, `named` in `make soak`. `large` examples are not shrunk."""

    def decorated(body: Body) -> Callable[[int], None]:
        often = [quick, pytest.param(named, marks=[pytest.mark.soak, pytest.mark.timeout(4800)])]

        @pytest.mark.parametrize("examples", often)
        def test(examples: int) -> None:
            shrink = LARGE if large or examples == named else ALL
            wanted = settings(
                max_examples=examples, phases=shrink, deadline=None, suppress_health_check=[HealthCheck.too_slow]
            )
            wanted(given(**given_by)(body))()

        test.__doc__ = body.__doc__
        return test

    return decorated
