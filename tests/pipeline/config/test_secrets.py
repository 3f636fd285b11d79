"""No form of URL or connection string lets a secret through, and other texts stay as they are."""

import pytest

from pipeline.config.secrets import HIDDEN, without_secrets

SECRET = "hunter2-geheim"

HOLDING = (
    f"postgresql://crm:{SECRET}@db/crm",
    f"POSTGRESQL+PSYCOPG://crm:{SECRET}@db:5432/crm",
    f"postgresql://crm:a/{SECRET}@db/crm",
    f"postgresql://crm:a@{SECRET}@db/crm",
    f"postgresql://crm:12#{SECRET}@db/crm",
    f"postgresql://crm:{SECRET}@",
    f"postgresql://crm:{SECRET}@/crm?host=/run",
    f"postgresql://:{SECRET}@db/crm",
    f"postgresql://crm:{SECRET}",
    f"postgresql://crm:{SECRET}/crm",
    f"postgresql://cr%6D:{SECRET}%40@db/crm",
    f"postgresql%3A%2F%2Fcrm%3A{SECRET}%40db%2Fcrm",
    f"https://site.example/?store=postgresql%3a%2f%2fcrm%3a{SECRET}%40db",
    f"postgresql://crm@db/crm?password={SECRET}",
    f"postgresql://crm@db/crm?p%61ssword={SECRET}&sslmode=require",
    f"postgresql://crm@db/crm?sslmode=require&SSLPASSWORD={SECRET}#t",
    f"host=db user=crm password={SECRET} dbname=crm",
    f"host=db password = '{SECRET} with \\' blanks' dbname=crm",
    f"password='a {SECRET}'",
    f"Server=db;Uid=crm;Pwd={SECRET};Database=crm",
    f"mysql+pymysql://crm:{SECRET}@db/mlflow",
    f"http://ann:{SECRET}@mlflow.example:5000/api",
    f"HTTPS://{SECRET}@mlflow.example",
    f"databricks://profile:{SECRET}@host",
    f"https://b.s3.example/log.csv?X-Amz-Credential={SECRET}&X-Amz-Date=20240101&X-Amz-Expires=60",
    f"https://b.s3.example/log.csv?X-Amz-Date=20240101&X-Amz-Signature={SECRET}",
    f"https://b.s3.example/log.csv?X-Amz-Security-Token={SECRET}",
    f"https://a.blob.example/c/log.csv?sv=2022&sig={SECRET}",
    f"https://storage.example/log.csv?GoogleAccessId=a&Signature={SECRET}",
    f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={SECRET};EndpointSuffix=core",
    f"s3://KEY:{SECRET}@bucket/log.csv",
    f"tracking.uri = 'http://ann:{SECRET}@mlflow.example', and more",
    f"aws_secret_access_key={SECRET}",
    f"Authorization: Bearer {SECRET}",
    f"oauth_client_secret={SECRET}",
    f"api_key={SECRET}",
)

HARMLESS = (
    "sqlite:////home/ann/shop@work/mlflow.db",
    "http://localhost:5000",
    "http://localhost:5000/#/models/lastlogin@champion",
    "http://[::1]:5000/x",
    "models:/lastlogin@champion is version 3, grade B; before: none",
    "postgresql+psycopg://crm@db:5432/crm#crm.opt_outs",
    "postgresql://crm@db/crm?sslmode=require&application_name=lastlogin",
    "data/events/dt=2024-03-01/part.csv: damaged: a.b=c",
    "label.horizon_days = 400: at most 365; see https://example.org/a?b=c",
    "shop.csv:3: 'time' = '12:30', expected %H:%M",
    "user 'ann@x.example' has 2024-03-04 twice",
    "It holds a password, and URLs stand in files. Set PGPASSWORD in the environment, or write it into ~/.pgpass.",
    "",
)


@pytest.mark.parametrize("text", HOLDING)
def test_a_secret_is_hidden_in_the_middle_of_a_message(text: str) -> None:
    for message in (text, f"log.path = {text}: there is no such file.\nCorrect {text!r}.", f"({text})"):
        shown = without_secrets(message)
        assert SECRET not in shown
        assert HIDDEN in shown
        assert without_secrets(shown) == shown


@pytest.mark.parametrize("text", HARMLESS)
def test_a_text_without_a_secret_stays(text: str) -> None:
    assert without_secrets(text) == text


def test_the_rest_of_the_message_stays() -> None:
    assert without_secrets(f"--out = postgresql://crm:{SECRET}@db/crm: no such host") == (
        f"--out = postgresql://crm:{HIDDEN}@db/crm: no such host"
    )
    assert (
        without_secrets(f"a.csv?X-Amz-Signature={SECRET}&b=1: gone")
        == f"a.csv?X-Amz-Signature={HIDDEN}&b=1: gone"
    )
