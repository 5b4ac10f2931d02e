// `fengsui route|dispatch|alerts|silences`: what each is called, takes and says in its help.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace fengsui::cli {

// `action` is set to what the chosen command will do, which gives the exit status.
void add_duty_commands(CLI::App& app, std::function<int()>& action);

}  // namespace fengsui::cli
