// Events for tests of explain and cost: lines of NDJSON made of few words.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace fengsui::author {

// An event of t.parcel, so many minutes after 2026-03-01T00:00Z, with the fields that it must have
// and those of `data` (`"ok":true`).
struct Played {
  int minute = 0;
  std::string id;
  std::string data;
};

inline std::string line_of(const Played& event) {
  char time[40];
  std::snprintf(time, sizeof time, "2026-03-01T%02d:%02d:00Z", event.minute / 60,
                event.minute % 60);
  return R"({"specversion":"1.0","id":")" + event.id +
         R"(","source":"s","type":"t.parcel","time":")" + time +
         R"(","data":{"grid":"g1","place":{"lat":1,"lon":2},"item":"a","weight":1,"pieces":1,)" +
         event.data + "}}\n";
}

inline std::string lines_of(const std::vector<Played>& events) {
  std::string text;
  for (const Played& event : events) text += line_of(event);
  return text;
}

}  // namespace fengsui::author
