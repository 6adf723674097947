"""Names of pools and levels are of any script and may look like anything (SPEC 11): the books are the same."""

from pathlib import Path

import duckdb
import pytest

from lake.tables.partitions import folder_name, other_texts, partition_value
from tests.small_lake import command, warehouse
from tests.tiny import RULES, day, purchase, refund, write_tiny

NAMES = (
    "积分池",
    "a%20b",
    "a=b",
    "a[1]*?",
    "{x} $y #1 | & ;",
    "..",
    ".hidden",
    "CON",
    "~",
    "=HYPERLINK(1)",
    "-",
    "😀" * 64,
    "Ab",
    "ab",
    "\u00e9",
    "e\u0301",
    "[bold]x[red]",
    "<b>&amp;",
    "null",
    "NULL",
    "__HIVE_DEFAULT_PARTITION__",
)
CHUNKS = [NAMES[n : n + 11] for n in range(0, len(NAMES), 11)]
POOL = RULES[RULES.index("[[rules.pools]]") : RULES.index("[[rules.pools]]", RULES.index("[[rules.pools]]") + 1)]


@pytest.mark.parametrize("value", [*NAMES, "", "consumer", "0", "\x00", "2025-01-01", "~IAB-", "\U000e01ef" * 64])
def test_a_value_becomes_a_folder_and_comes_back(value: str) -> None:
    name = folder_name("pool", value)
    assert partition_value(name) == ("pool", value)
    assert len(name.encode()) < 255
    assert name.isascii()
    assert not set(name.removeprefix("pool=")) & set("/\\%=*?[]{} .")
    assert other_texts([f"{name}/bucket=0/x.parquet"]) == ({} if name == f"pool={value}" else {name[5:]: value})


def test_plain_values_stand_as_they_are_and_no_two_are_one() -> None:
    assert [folder_name("pool", value) for value in ("consumer", "Merchant_2", -1)] == [
        "pool=consumer",
        "pool=Merchant_2",
        "pool=-1",
    ]
    assert len({folder_name("pool", name) for name in NAMES}) == len(NAMES)


@pytest.mark.parametrize("views", [False, True])
@pytest.mark.parametrize("names", CHUNKS)
def test_pools_of_any_name_settle_and_are_read_back(
    names: tuple[str, ...], views: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pool for each name, by region, with an event and a refund of a closed cohort."""
    if views:
        monkeypatch.setattr("marts.building.VIEW_FROM_ROWS", 0)
    regions = [f"44{number:02}" for number in range(len(names))]
    pools = "".join(
        POOL.replace('"consumer"', f'"{name}"').replace("regions = []", f'regions = ["{region}"]')
        for name, region in zip(names, regions, strict=True)
    )
    merchants = [f"{n + 3},2018-01-01T00:00:00+08:00,{region}01,0.2" for n, region in enumerate(regions)]
    merchants += ["1,2018-01-01T00:00:00+08:00,310101,0.1"]
    bought = {
        n: [purchase(f"p{n}-{shop}", n, "2000.00", 1 + shop % 2, merchant=shop + 3) for shop in range(len(names))]
        for n in (1, 2, 3)
    }
    bought[4] = [
        refund(f"r{shop}", 4, "900.00", f"p1-{shop}", 1, member=1 + shop % 2, merchant=shop + 3)
        for shop in range(len(names))
    ]
    levels = {'code = "junior"': f'code = "{names[0]}"', 'code = "trainee"': f'code = "{names[1]}"'}
    write_tiny(
        tmp_path,
        bought,
        31,
        rules={'[[rules.pools]]\nname = "consumer"': pools + '[[rules.pools]]\nname = "consumer"', **levels},
        merchants=merchants,
        promoters=[f"1,2018-01-01,,{names[1]}", "2,2018-01-01,1,"],
        merchant_promoters=["3,1,2018-01-01", "4,2,2018-01-01"],
    )
    for number in (1, 2, 4):
        assert command(tmp_path, "nightly", "--date", str(day(number))) == 0
    assert command(tmp_path, "backfill", "--from", str(day(3)), "--to", str(day(31))) == 0
    assert command(tmp_path, "verify") == 0
    assert command(tmp_path, "verify", "--chain") == 0
    assert command(tmp_path, "explain", "member", "1") == 0
    assert command(tmp_path, "explain", "promoter", "1") == 0
    with duckdb.connect(warehouse(tmp_path), read_only=True) as reader:
        asked = "select distinct pool from {} where pool <> '' order by all"
        for table in ("positions", "ledger", "pool_events", "position_changes"):
            found = {name for (name,) in reader.sql(asked.format(table)).fetchall()}
            assert found == set(names), table
        for name in names:
            rows = reader.execute("select count(*), sum(points) from positions where pool = ?", [name]).fetchall()
            assert rows[0][0] > 0
        assert reader.execute("select count(*) from positions where pool = '~'").fetchall()[0][0] == 0 or "~" in names
        assert {level for (level,) in reader.sql("select distinct level from promoter_months").fetchall()} == set(
            names[:2]
        )
    if not views:
        assert command(tmp_path, "report", "--date", str(day(3))) == 0
        assert command(tmp_path, "export", "--month", "2019-03", "--to", str(tmp_path / "out")) == 0
        assert command(tmp_path, "forecast", "--months", "2") == 0
        assert command(tmp_path, "tidy") == 0
