// What a schema's words ask of one value. Shared by the two ways of decoding (data_reader.h,
// shape_reader.h), so that they can't differ. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "event/decode_plan.h"

namespace fengsui::event {

// What is wrong with a string by its enum, maxLength, pattern or format, as the end of a message;
// null: nothing.
const char* words_fault(const PlanNode& node, std::string_view text);
// The same of a finite number by minimum and maximum.
const char* range_fault(const Field& field, double number);
const char* range_fault(const Field& field, int64_t number);

}  // namespace fengsui::event
