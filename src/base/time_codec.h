// An event time as stored bytes: milliseconds, a signed varint.
#pragma once

#include "base/byte_codec.h"
#include "base/time.h"

namespace fengsui {

inline void put_time(ByteWriter& out, EventTime time) {
  out.signed_varint(time.time_since_epoch().count());
}
inline EventTime get_time(ByteReader& in) { return EventTime{Duration{in.signed_varint()}}; }

}  // namespace fengsui
