"""Names that an assistant may use without defining them. Source: the public reference of the repair patterns, default
actions, built-in slots and intents."""

from __future__ import annotations

from typing import Final


def _named(prefix: str, words: str) -> frozenset[str]:
    return frozenset(prefix + word for word in words.split())


PATTERNS: Final = _named(
    "pattern_",
    "cancel_flow cannot_handle chitchat clarification code_change collect_information completed continue_interrupted "
    "correction customer_satisfaction human_handoff internal_error repeat_bot_messages restart search session_start "
    "skip_question user_silence validate_slot",
)
ACTIONS: Final = _named(
    "action_",
    "back cancel_flow cancel_interrupted_flows clarify_flows clean_stack continue_interrupted_flow correct_flow_slot "
    "deactivate_loop default_ask_affirmation default_ask_rephrase default_fallback disconnect extract_slots handoff_metric "
    "hangup human_handoff listen repeat_bot_messages reset_routing restart revert_fallback_events run_slot_rejections "
    "send_text session_start trigger_chitchat trigger_flow trigger_search two_stage_fallback unlikely_intent "
    "validate_slot_mappings",
)
RESPONSES: Final = _named(
    "utter_",
    "ask_continue_conversation ask_continue_interrupted_flow_confirmation ask_csat_score ask_interrupted_flow_to_continue "
    "ask_rephrase ask_still_there boolean_slot_rejection can_do_something_else cannot_handle categorical_slot_rejection "
    "clarification_no_options_rasa clarification_options_rasa closing_words corrected_previous_input "
    "csat_thank_you_satisfied csat_thank_you_unsatisfied float_slot_rejection flow_cancelled_rasa flow_continue_interrupted "
    "free_chitchat_response human_handoff_not_available inform_code_change inform_hangup internal_error_rasa "
    "no_knowledge_base not_corrected_previous_input skip_question_answer user_input_empty_error_rasa "
    "user_input_too_long_error_rasa",
)
SLOTS: Final = _named(
    "",
    "confirm_correction confirm_slot_correction consecutive_silence_timeouts continue_conversation "
    "continue_interrupted_flow_confirmation csat_score flow_hashes interrupted_flow_to_continue mocked_datetime "
    "requested_slot return_value route_session_to_calm session_started_metadata silence_timeout",
)
INTENTS: Final = _named("", "back nlu_fallback out_of_scope restart session_end session_start silence_timeout")
