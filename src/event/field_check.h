// What a schema's words ask of one value. Shared by the two ways of decoding (data_reader.h,
// shape_reader.h), so that they can't differ. Pure.
#pragma once

#include <string_view>

#include "cel/value.h"
#include "event/decode_plan.h"

namespace fengsui::event {

// What is wrong with a string by its enum, maxLength, pattern or format, as the end of a message;
// null: nothing.
const char* words_fault(const PlanNode& node, std::string_view text);
// The same of a number by minimum and maximum.
const char* range_fault(const Field& field, const cel::Value& number);

}  // namespace fengsui::event
