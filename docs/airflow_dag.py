"""lastlogin in Airflow: a list every day, an evaluation of past lists every week, a new model every month.

For Airflow 3 with its standard provider. Copy this file into the folder of DAGs, and set the two paths. The last line
that a command prints is JSON, so it is the task's XCom.
"""

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

PROJECT = "/srv/lastlogin"  # the folder with params.yaml and .venv
LOG = "/srv/logs/shop.csv.gz"  # a file, folder or glob, or the URL of a table

IN_PROJECT = {
    "cwd": PROJECT,
    "env": {"LOG": LOG, "PATH": f"{PROJECT}/.venv/bin:/usr/local/bin:/usr/bin:/bin"},
    "append_env": True,
    # Code 1 is for what may pass, such as a server that is down. A repeat never helps against code 2, and does no harm:
    # a list is delivered once.
    "retries": 3,
    "retry_delay": timedelta(minutes=10),
}
ONE_AT_A_TIME = {
    "start_date": datetime(2024, 1, 1, tzinfo=UTC),
    "catchup": False,  # a list of a day that has passed helps nobody
    "max_active_runs": 1,
}

with DAG("lastlogin_score", schedule="15 4 * * *", **ONE_AT_A_TIME):
    BashOperator(task_id="score", bash_command='lastlogin score --json --log "$LOG"', **IN_PROJECT)

with DAG("lastlogin_judge", schedule="0 6 * * 1", **ONE_AT_A_TIME):
    BashOperator(task_id="judge", bash_command='lastlogin judge --json --log "$LOG"', **IN_PROJECT)

with DAG("lastlogin_train", schedule="0 20 1 * *", **ONE_AT_A_TIME):
    train = BashOperator(task_id="train", bash_command="dvc repro", **IN_PROJECT)
    shown = BashOperator(task_id="where", bash_command="lastlogin where", **IN_PROJECT)
    train >> shown
