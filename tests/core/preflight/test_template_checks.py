"""Each family of templates with the thing that goes wrong in it, and the option that mends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.preflight.models import Severity
from tests.core.preflight import model_folders as made
from tests.core.preflight.conftest import Check, found, names
from tests.core.preflight.versions_by_hand import Example, balanced


def test_a_plain_chat_template_with_a_token_of_its_own_for_padding_has_nothing_wrong(check: Check, tmp_path: Path) -> None:
    report = check(made.write_model(tmp_path / "model"), balanced())
    assert report.findings == ()
    assert (report.target.form, report.target.eos, report.target.pad) == ("chat", "<|im_end|>", "<|endoftext|>")
    assert report.rows == {"train": 12, "val": 4}


def test_padding_with_the_end_of_the_answer_fails_and_names_a_free_token(check: Check, tmp_path: Path) -> None:
    model = made.write_model(tmp_path / "model", pad="<|im_end|>")
    finding = found(check(model, balanced()), "pad-token")
    assert finding.severity is Severity.FAIL
    assert "`<|im_end|>` pads and also ends the answer" in finding.what
    assert "--pad-token '<|endoftext|>'" in finding.fix
    assert names(check(model, balanced(), pad_token="<|endoftext|>").findings) == []


def test_a_tokenizer_without_a_token_for_padding_fails(check: Check, tmp_path: Path) -> None:
    finding = found(check(made.write_model(tmp_path / "model", pad=None), balanced()), "pad-token")
    assert "no token for padding" in finding.what


def test_an_end_of_turn_that_is_not_the_eos_never_stops_the_server(check: Check, tmp_path: Path) -> None:
    finding = found(check(made.write_gemma(tmp_path / "gemma"), balanced()), "end-of-turn")
    assert finding.severity is Severity.FAIL
    assert finding.count == 16
    assert "it stops at `<eos>`" in finding.what
    assert "<end_of_turn>" in finding.rows[0].note


def test_generation_config_or_the_trainers_eos_mend_it(check: Check, tmp_path: Path) -> None:
    with_stops = made.write_gemma(tmp_path / "with", stops=("<eos>", "<end_of_turn>"))
    assert "end-of-turn" not in names(check(with_stops, balanced()).findings)
    without = made.write_gemma(tmp_path / "without")
    report = check(without, balanced(), eos_token="<end_of_turn>")
    assert "end-of-turn" not in names(report.findings)
    assert report.target.stops == ("<end_of_turn>",)


def test_a_template_without_an_end_of_turn_never_stops(check: Check, tmp_path: Path) -> None:
    report = check(made.write_model(tmp_path / "model", made.NO_END), balanced())
    assert found(report, "end-of-turn").count == 16


def test_the_day_in_the_template_fails_until_an_option_stops_it(check: Check, tmp_path: Path) -> None:
    model = made.write_llama(tmp_path / "llama")
    finding = found(check(model, balanced()), "clock")
    assert finding.severity is Severity.FAIL
    assert "Today Date: " in finding.what
    assert "clock" not in names(check(model, balanced(), template_options={"date_string": "26 Jul 2024"}).findings)


def test_a_system_prompt_of_the_templates_own_is_told_with_its_tokens(check: Check, tmp_path: Path) -> None:
    finding = found(check(made.write_model(tmp_path / "model", made.CHATML_WITH_SYSTEM), balanced()), "system-prompt")
    assert finding.severity is Severity.WARN
    assert "You are a helpful assistant." in finding.what


def test_a_bos_that_template_and_tokenizer_both_write_is_told(check: Check, tmp_path: Path) -> None:
    finding = found(check(made.write_gemma(tmp_path / "gemma"), balanced()), "double-bos")
    assert finding.severity is Severity.INFO  # TRL and vLLM's chat endpoint render and add nothing
    assert "stands there twice" in finding.what


def test_two_bos_at_the_beginning_fail(check: Check, tmp_path: Path) -> None:
    twice = check(made.write_gemma(tmp_path / "twice", template="{{ bos_token }}" + made.GEMMA), balanced())
    assert found(twice, "double-bos").severity is Severity.FAIL
    # Prompts with the BOS written into them, and a tokenizer that puts another before them.
    model = made.write_gemma(tmp_path / "base", template=None)
    plain = check(model, balanced("<bos>Renew book {number}."))
    assert found(plain, "double-bos").count == 16


def test_a_template_that_leaves_out_the_bos_is_told(check: Check, tmp_path: Path) -> None:
    model = made.write_gemma(tmp_path / "gemma", template=made.GEMMA.removeprefix("{{ bos_token }}"))
    finding = found(check(model, balanced()), "double-bos")
    assert finding.severity is Severity.WARN
    assert "begins without `<bos>`" in finding.what


def test_a_thinking_block_before_the_completion_is_learned_as_an_answer_until_turned_off(check: Check, tmp_path: Path) -> None:
    model = made.write_model(tmp_path / "model", made.THINKING)
    report = check(model, balanced())
    finding = found(report, "added-text")
    assert r"<think>\n\n</think>" in finding.what
    assert "train-serve" not in names(report.findings)
    assert report.lengths.completion.min > 10
    assert check(model, balanced(), template_options={"enable_thinking": False}).findings == ()


def test_an_answer_opened_one_way_and_trained_another_fails_with_both_texts(check: Check, tmp_path: Path) -> None:
    report = check(made.write_model(tmp_path / "model", made.THINKS_ONLY_WHEN_SERVED), balanced())
    finding = found(report, "train-serve")
    assert finding.severity is Severity.FAIL
    assert finding.count == 16
    assert r"served `<think>\n`" in finding.what
    assert "trained `start flow renew_loan" in finding.what
    assert str(finding.rows[0]).startswith("train:1 (e2e_tests/loans.yml:10)")


def test_plain_training_of_a_model_that_is_served_by_its_template_fails(check: Check, tmp_path: Path) -> None:
    model = made.write_model(tmp_path / "model")
    finding = found(check(model, balanced(), form="plain"), "train-serve")
    assert "training joins the texts without it" in finding.what
    assert "`--form chat`" in finding.fix


def test_a_base_model_is_trained_and_served_on_plain_text(check: Check, tmp_path: Path) -> None:
    report = check(made.write_gemma(tmp_path / "base", template=None), balanced())
    assert report.target.form == "plain"
    assert report.findings == ()
    probe = report.probes[0]
    assert [text for text, learned in probe.ending if learned][-1] == "<eos>"
    assert "".join(text for text, learned in probe.ending if learned) == "start flow renew_loan<eos>"


def test_a_blank_of_the_templates_before_the_completion_changes_its_tokens(check: Check, tmp_path: Path) -> None:
    model = made.write_model(
        tmp_path / "mistral", made.MISTRAL, special=("<unk>", "<s>", "</s>", "<pad>"), bos="<s>", eos="</s>", pad="<pad>"
    )
    report = check(model, balanced())
    assert names(report.findings) == ["border"]
    assert report.findings[0].severity is Severity.INFO


def test_a_prompt_whose_last_token_the_completion_changes_is_found(check: Check, tmp_path: Path) -> None:
    model = made.write_gemma(tmp_path / "base", template=None)
    report = check(model, balanced("Renew book {number}, please. sta", "rt flow renew_loan"))
    finding = found(report, "train-serve")
    assert finding.count == 16
    assert "served `" in finding.what


def test_blanks_that_the_template_trims_are_told_and_lost_text_fails(check: Check, tmp_path: Path) -> None:
    llama = made.write_llama(tmp_path / "llama")
    trimmed = found(check(llama, balanced("Renew book {number}.\n"), template_options={"date_string": "x"}), "altered-text")
    assert trimmed.severity is Severity.WARN
    thinking = made.write_model(tmp_path / "thinking", made.THINKING)
    lost = check(thinking, balanced(completion="start flow renew_loan </think> cancel flow"))
    assert found(lost, "altered-text").severity is Severity.FAIL


def test_a_template_without_a_generation_prompt_fails_with_the_header_the_model_would_have_to_write(
    check: Check, tmp_path: Path
) -> None:
    ignoring = made.CHATML.partition("{% if add_generation_prompt %}")[0]
    finding = found(check(made.write_model(tmp_path / "model", ignoring), balanced()), "added-text")
    assert (finding.severity, finding.count) == (Severity.FAIL, 16)
    assert "the template ignores add_generation_prompt" in finding.what
    assert r"`<|im_start|>assistant`" in finding.what
    assert "Mend the template" in finding.fix
    assert "enable_thinking" not in finding.fix


@pytest.mark.parametrize(
    ("filter_", "told", "remedy"),
    [
        (" | upper", "changes capital and small letters", "`upper`"),
        ("[:14]", "cuts a part of the text off", "slice"),
        ("[3:]", "cuts a part of the text off", "slice"),
        (" | replace('e', 'E') | replace('o', '0')", "changes what is written", "Mend the template"),
        (".split('</think>')[-1]", "takes out what stands before `</think>`", "out of the rows"),
    ],
)
def test_a_changed_text_is_blamed_on_what_the_template_does(
    check: Check, tmp_path: Path, filter_: str, told: str, remedy: str
) -> None:
    template = made.CHATML.replace("message['content']", f"(message['content']{filter_})")
    model = made.write_model(tmp_path / "model", template)
    finding = found(check(model, balanced("So </think> renew {number}, please.")), "altered-text")
    assert finding.severity is Severity.FAIL
    assert told in finding.what
    assert remedy in finding.fix


def test_only_one_turn_in_the_template_is_enough(check: Check, tmp_path: Path) -> None:
    one_turn = "{% if messages | length > 2 %}{{ raise_exception('one turn only') }}{% endif %}" + made.CHATML
    assert check(made.write_model(tmp_path / "model", one_turn), balanced()).findings == ()


def test_every_row_is_looked_at_in_train_and_val_and_none_of_the_holdout(check: Check, tmp_path: Path) -> None:
    from core.dataset.models import Part

    sealed = Example("Sealed. " * 500, "start flow renew_loan", Part.HOLDOUT)
    report = check(made.write_model(tmp_path / "model"), [*balanced(), sealed])
    assert report.lengths.rows == 16
    assert report.lengths.needed < 100
