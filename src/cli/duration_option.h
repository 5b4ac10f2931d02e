// An option of the command line whose value is one of the rule language's durations.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "base/time.h"

namespace fengsui::cli {

// "30s". `into` must outlive the command line.
template <class Into>  // Duration, or an optional one
CLI::Option* add_duration(CLI::App* command, const std::string& name, Into& into,
                          const std::string& help) {
  return command
      ->add_option_function<std::string>(
          name,
          [&into, name](const std::string& text) {
            const std::optional<Duration> duration = parse_duration(text);
            if (!duration) {
              throw CLI::ValidationError(name,
                                         "'" + text + "' is no duration such as 30s or 1h30m");
            }
            into = *duration;
          },
          help)
      ->type_name("DURATION");
}

}  // namespace fengsui::cli
