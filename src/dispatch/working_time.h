// Working time: when people are at work, and how long it takes until so much of it has passed.
// Plain values.
#pragma once

#include <chrono>
#include <set>
#include <string>

#include "base/time.h"

namespace fengsui::dispatch {

struct WorkingTime {
  int begin = 8 * 60 + 30, end = 17 * 60 + 30;  // minutes of the day; begin < end
  std::string location = "Asia/Shanghai";       // a time zone
  // Days off in the week, and working days at its end (节假日, 调休); all else is Monday to Friday.
  std::set<std::chrono::sys_days> holidays, workdays;

  bool is_working_day(std::chrono::sys_days day) const;
  // The work in a length of time: 24 h are one working day, the rest is itself.
  Duration work_in(Duration length) const;
  // When so much work is done, from `start` on. Beyond ten years: ten years on.
  EventTime after(EventTime start, Duration work) const;
};

}  // namespace fengsui::dispatch
