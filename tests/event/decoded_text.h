// All that a decoder says of a record, exactly, as a text to compare.
#pragma once

#include <string>
#include <string_view>

#include "base/byte_codec.h"
#include "event/decoder.h"

namespace fengsui::event {

inline std::string decoded_text(const std::optional<Rejected>& fault, const Event& event) {
  if (fault) return kRejectionNames[static_cast<size_t>(fault->reason)] + (": " + fault->message);
  std::string bytes = event.type->name() + " ";
  ByteWriter writer(bytes);
  writer.text(std::to_string(event.time.time_since_epoch().count()));
  for (const cel::Value& value : event.slots) cel::encode_value(writer, value);
  return bytes;
}

}  // namespace fengsui::event
