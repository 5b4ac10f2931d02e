// Silences as JSON, in the form of Alertmanager's API (v2): id, matchers, startsAt, endsAt,
// createdBy, comment; a matcher is {name, value, isRegex, isEqual} or the text of one.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "dispatch/silence.h"

namespace fengsui::server {

// What is asked for, not yet checked (dispatch::checked). Errors, of kind BadInput: another form.
Expected<dispatch::Silence> silence_of(const nlohmann::ordered_json& object);

// And updatedAt, and status.state at `now`.
nlohmann::ordered_json silence_json(const dispatch::Silence& silence, EventTime now);

}  // namespace fengsui::server
