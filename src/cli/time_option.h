// An option of the command line whose value is a time.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "base/time.h"

namespace fengsui::cli {

// An RFC 3339 time, as in an event. `into` must outlive the command line.
template <class Into>  // EventTime, or an optional one
CLI::Option* add_time(CLI::App* command, const std::string& name, Into& into, const char* help) {
  return command
      ->add_option_function<std::string>(
          name,
          [&into, name](const std::string& text) {
            const std::optional<Instant> instant = parse_rfc3339(text);
            if (!instant) {
              throw CLI::ValidationError(name, "'" + text + "' is no time: 2026-03-01T08:00:00Z");
            }
            into = to_event_time(*instant);
          },
          help)
      ->type_name("TIME");
}

}  // namespace fengsui::cli
