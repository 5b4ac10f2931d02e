// More about the stored form of values (value.h), for those who write or read many of them.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/byte_codec.h"
#include "cel/value.h"

namespace fengsui::cel {

// Requires: room for encoded_size_max(v) bytes.
void encode_value(RoomWriter& out, const Value& v);
// Its stored form is no longer.
size_t encoded_size_max(const Value& v);
// Of a string what it says, where it stands; nullopt: a value of another kind comes.
std::optional<std::string_view> stored_text(ByteReader in);

}  // namespace fengsui::cel
