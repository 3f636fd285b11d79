"""One campaign on a demo log of its own, in a project with a champion: the list, the contacts, and what judge says.

`python -m benchmarks.tasks.campaign_of_seed SEED FILE`: simulates the log of SEED, and writes to FILE as JSON what
`lastlogin judge` found, and what the simulation knows.
"""

import sys
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.commands.judge import judge
from pipeline.commands.score import score_log
from pipeline.commands.simulate_campaign import live_on, simulate_campaign
from pipeline.config.params import load_params
from pipeline.config.sections import Params
from pipeline.crm.ledger.episodes import first_days
from pipeline.crm.ledger.files import days_of, entry_of
from pipeline.demo.campaign.contacts import PLAYS
from pipeline.runner.stage import run_stage
from pipeline.stages import simulate
from pipeline.storage.datasets import CAMPAIGN_LOG, CAMPAIGN_TRUTH, JUDGE_REPORT, SIMULATED_STATE
from pipeline.storage.files import read_json, write_json
from pipeline.storage.frames import read_table
from pipeline.storage.simulated_state import read_state

DAYS = 28
LIVES = 10
"""So many lives after the same log give what each user would pay."""
WITHOUT_EFFECT = {"settled_ratio": 1.0, "sleeping_ratio": 1.0, "return_share": 0.0}
_ANOTHER_LIFE = 1_000


def main() -> None:
    """Run the campaign of the seed, and store what came of it."""
    seed, file = int(sys.argv[1]), Path(sys.argv[2])
    params = _of_seed(load_params(Path("params.yaml")), seed)
    run_stage(simulate.run, params)
    lists = Path("data/lists") / str(seed)
    score_log(params, params.log.path, params.log.contract, None, lists)
    (as_of,) = days_of(lists)
    entry = entry_of(lists, as_of)
    listed = read_table(entry)
    found = {
        "seed": seed,
        **_sizes(listed),
        "world": _found(params, lists, entry, Path("data/campaign")),
        "null_world": _found(_without_effects(params), lists, entry, Path("data/null_campaign")),
        "saved": _saved(params, listed),
    }
    write_json(found, file)


def _of_seed(params: Params, seed: int) -> Params:
    """Another log, other arms, and another life after the log."""
    return params.model_copy(
        update={
            "simulate": params.simulate.model_copy(update={"seed": seed}),
            "holdout": params.holdout.model_copy(update={"key": f"seed {seed}"}),
            "campaign": params.campaign.model_copy(update={"seed": seed}),
        }
    )


def _without_effects(params: Params) -> Params:
    """A world in which contacts change nothing, and another life in it."""
    none = params.campaign.effects.model_copy(update=dict.fromkeys(PLAYS, 0.0))
    changes = {**WITHOUT_EFFECT, "effects": none, "seed": params.campaign.seed + _ANOTHER_LIFE}
    return params.model_copy(update={"campaign": params.campaign.model_copy(update=changes)})


def _sizes(listed: pl.DataFrame) -> dict[str, int]:
    begun = first_days(listed)
    return {
        "listed": listed.height,
        "eligible": _eligible(listed).height,
        "episodes": begun.height,
        "held_out": begun.filter(pl.col("arm") == "holdout").height,
    }


def _found(params: Params, lists: Path, entry: Path, out: Path) -> dict[str, Any]:
    """What judge says of the arms, and the true mean effect over all episodes: exact, and in the lives lived.

    The entry of the ledger names the play of the held out, too, so their chance if contacted is known.
    """
    simulate_campaign(params, Path(), entry, DAYS, out)
    reports = out / "reports"
    judge(
        params,
        lists,
        reports,
        log=str(out / CAMPAIGN_LOG.path.name),
        contract=None,
        contacts=None,
        until=None,
    )
    report = read_json(reports / JUDGE_REPORT.path.name)
    begun = first_days(read_table(entry)).select("user_id")
    truth = read_table(out / CAMPAIGN_TRUTH.path.name).join(begun, on="user_id")
    effect = truth["expected_y0"] - truth["expected_if_contacted"]
    return {
        "effect": report["churn"]["effect"],
        "verdict": report["churn"]["verdict"],
        "because": report["churn"]["because"],
        "predictions": report["predictions"]["all"]["intervals"],
        "truth": float(effect.to_numpy().mean()),
    }


def _eligible(listed: pl.DataFrame) -> pl.DataFrame:
    """Users with a play whom no rule excludes and to whom nothing is owed: the choice is among them."""
    has_play = pl.col("play").is_not_null() & (pl.col("play") != "watch")
    return listed.filter(has_play & pl.col("excluded_by").is_null() & ~pl.col("duty")).sort("user_id")


def _saved(params: Params, listed: pl.DataFrame) -> dict[str, Any]:
    """The true expected value that contacts save: the change of the exact chance to stay, times what a stayer pays.

    For as many contacts as the choice has, of the eligible users: those chosen, those of the highest risk, and a random
    part of them (its mean). What a stayer pays in the `DAYS` after the list is the mean of the lives in which the user
    stays without contact.
    """
    eligible = _eligible(listed)
    contacts = eligible.with_columns(action=pl.lit("contact"))
    state = read_state(SIMULATED_STATE.path)
    lives = [
        live_on(
            contacts,
            state,
            params.label.horizon_days,
            params.campaign.model_copy(update={"seed": seed}),
            DAYS,
        ).truth
        for seed in range(1, LIVES + 1)
    ]
    pays = pl.concat(lives).filter(~pl.col("y0")).group_by("user_id").agg(pays=pl.col("revenue0").mean())
    worth = eligible.join(
        lives[0].select("user_id", kept=pl.col("expected_y0") - pl.col("expected_if_contacted")), on="user_id"
    ).join(pays, on="user_id", how="left")
    worth = worth.with_columns(saved=pl.col("kept") * pl.col("pays").fill_null(0.0))
    chosen = worth.filter(pl.col("arm").is_not_null())
    by_risk = worth.sort("churn_probability", "user_id", descending=[True, False]).head(chosen.height)
    return {
        "contacts": chosen.height,
        "choice": float(chosen["saved"].sum()),
        "risk": float(by_risk["saved"].sum()),
        "random": float(worth["saved"].sum()) * chosen.height / worth.height,
        "kept": {
            "choice": float(chosen["kept"].sum()),
            "risk": float(by_risk["kept"].sum()),
            "random": float(worth["kept"].sum()) * chosen.height / worth.height,
        },
    }


if __name__ == "__main__":
    main()
