"""BG/NBD: the fit recovers the parameters, and the probability of no return matches simulated users."""

import numpy as np
import polars as pl
import pytest

from models.labels.sequence import day_number
from models.value.bgnbd import BgNbd, Purchases, fit_bgnbd, purchases_at_logins, purchases_of_users
from tests.support.rows import day, drawn

CDNOW = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)  # Fader, Hardie & Lee (2005), table 1, in weeks


def simulated(model: BgNbd, users: int, until: float, seed: int = 3) -> list[np.ndarray]:
    """The times of each user's repeats up to `until`, the first login being at 0."""
    random = np.random.default_rng(seed)
    histories = []
    for rate, stop in zip(
        random.gamma(model.r, 1 / model.alpha, users), random.beta(model.a, model.b, users), strict=True
    ):
        times: list[float] = []
        at = 0.0
        while True:
            at += random.exponential(1 / rate) if rate > 1e-9 else np.inf
            if at > until:
                break
            times.append(at)
            if random.random() < stop:
                break
        histories.append(np.array(times))
    return histories


def known_at(histories: list[np.ndarray], end: float) -> Purchases:
    observed = [times[times <= end] for times in histories]
    last = np.array([times[-1] if len(times) else 0.0 for times in observed])
    return Purchases(
        np.array([len(times) for times in observed], dtype=np.float64), last, np.full(len(observed), end)
    )


def test_what_is_known_of_users_and_at_logins_by_hand() -> None:
    rows = drawn(ann=[0, 15, 17], bob=[4])
    users = purchases_of_users(rows, day_number(day(20)))
    assert [part.tolist() for part in (users.repeats, users.last, users.observed)] == [
        [2, 0],
        [17, 0],
        [20, 16],
    ]
    logins = purchases_at_logins(rows)
    assert logins.repeats.tolist() == [0, 1, 2, 0]
    assert logins.last.tolist() == logins.observed.tolist() == [0, 15, 17, 0]


def test_the_fit_finds_the_parameters_that_made_the_users() -> None:
    model = BgNbd(r=0.8, alpha=6.0, a=1.2, b=2.5)
    fitted = fit_bgnbd(known_at(simulated(model, 8_000, 60.0), 60.0))
    for name in ("r", "alpha", "a", "b"):
        assert getattr(fitted, name) == pytest.approx(getattr(model, name), rel=0.2)


@pytest.mark.parametrize(("horizon", "lead"), [(8.0, 0.0), (8.0, 5.0)])
def test_the_chance_of_no_return_is_that_of_simulated_users(horizon: float, lead: float) -> None:
    model = BgNbd(r=0.8, alpha=6.0, a=1.2, b=2.5)
    histories = simulated(model, 12_000, 60.0)
    known = known_at(histories, 30.0)
    expected = model.no_return(known, horizon, lead)
    begin, end = 30.0 + lead, 30.0 + lead + horizon
    silent = np.array([not np.any((times > begin) & (times <= end)) for times in histories])
    for few, many in ((0, 0), (1, 1), (2, 4), (5, 1000)):
        chosen = (known.repeats >= few) & (known.repeats <= many)
        error = np.sqrt(silent[chosen].mean() * (1 - silent[chosen].mean()) / chosen.sum())
        assert abs(expected[chosen].mean() - silent[chosen].mean()) < 4 * error


def test_who_came_once_is_alive_and_silence_makes_others_less_so() -> None:
    known = Purchases(np.array([0.0, 3.0, 3.0]), np.array([0.0, 20.0, 20.0]), np.array([39.0, 20.0, 39.0]))
    once, just_now, long_ago = CDNOW.alive(known)
    assert once == 1.0
    assert just_now == pytest.approx(1 / (1 + 0.793 / (2.426 + 2)))
    assert long_ago < just_now


def test_a_longer_horizon_leaves_less_chance_of_silence_and_a_lead_more() -> None:
    known = Purchases(np.array([0.0, 2.0, 9.0]), np.array([0.0, 9.0, 30.0]), np.array([39.0] * 3))
    chances = [CDNOW.no_return(known, horizon) for horizon in (1.0, 10.0, 100.0)]
    assert np.all(np.diff(chances, axis=0) < 0)
    assert np.all(CDNOW.no_return(known, 10.0, 5.0) > CDNOW.no_return(known, 10.0))
    assert CDNOW.no_return(known, 1e-9) == pytest.approx(1.0)


def test_a_log_in_which_nobody_comes_back_has_a_fit_too() -> None:
    once = Purchases(np.zeros(50), np.zeros(50), np.linspace(1, 50, 50))
    fitted = fit_bgnbd(once)
    assert np.all(fitted.no_return(once, 30.0) > 0.9)
    rows = pl.DataFrame({"user_id": [], "login_day": []}, schema={"user_id": pl.String, "login_day": pl.Date})
    assert len(purchases_at_logins(rows).repeats) == 0
