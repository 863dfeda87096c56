import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import uscc

# The worked example of the standard's guide, and one with a correct organisation number inside.
WORKED = "91350100M000100Y43"
WHOLE = "91110000600037341L"


def test_check_accepts_the_worked_example():
    found = uscc.check(WORKED)
    assert (found.ok, found.error, found.kind) == (True, "", "91")


def test_check_accepts_a_code_whose_inner_number_fits_too():
    assert uscc.check(WHOLE) == uscc.CodeCheck(code=WHOLE, ok=True, kind="91")


@pytest.mark.parametrize(
    "typed",
    [
        f"  {WHOLE.lower()} \n",
        "９１１１００００６０００３７３４１Ｌ",
        "９1110000600037341ｌ",
        "9111 0000 6000 3734 1L",
        "9111000060003734\u30001L",
        f"\u202e{WHOLE}\u200b",
    ],
)
def test_check_knows_a_code_however_it_was_typed(typed):
    assert uscc.check(typed) == uscc.check(WHOLE)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "empty"),
        ("   ", "empty"),
        (WHOLE[:-1], "length"),
        (WHOLE + "1", "length"),
        ("91110000600037341O", "characters"),
        ("9111000060003734IL", "characters"),
        ("911100AA600037341L", "characters"),
        ("911100-0600037341L", "characters"),
        ("91110000600037341M", "check_character"),
        ("91110000600037314L", "check_character"),
    ],
)
def test_check_names_the_error(typed, error):
    found = uscc.check(typed)
    assert (found.ok, found.error) == (False, error)
    assert str(found.message)


def test_check_warns_when_only_the_inner_number_is_wrong():
    body = WHOLE[:16] + "2"
    code = body + uscc._uscc.calc_check_digit(body)
    found = uscc.check(code)
    assert (found.ok, found.warning) == (True, "organisation_number")
    assert str(found.message)


def test_check_warns_of_an_unknown_prefix():
    body = "77" + WHOLE[2:17]
    found = uscc.check(body + uscc._uscc.calc_check_digit(body))
    assert (found.ok, found.warning, found.kind_label) == (True, "prefix", "")


def test_check_knows_rural_collectives_by_their_letter():
    body = "N2441302" + WHOLE[8:17]
    found = uscc.check(body + uscc._uscc.calc_check_digit(body))
    assert (found.ok, found.kind) == (True, "N2")


@given(st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_changed_character_is_always_noticed(position, sign):
    changed = WHOLE[:position] + sign + WHOLE[position + 1 :]
    assert uscc.check(changed).ok == (changed == WHOLE)


@given(st.text(max_size=40))
def test_check_never_raises(typed):
    found = uscc.check(typed)
    assert found.ok == (found.error == "")
