// The whole command line; main() is a call of it, so that tests can be, too.
#pragma once

namespace fengsui::cli {

// Exit status as interfaces.md, "Commands": 0 done, 1 errors in a pack or failed tests, 2 wrong
// usage, 3 the outside world.
int run_app(int argc, char** argv);

}  // namespace fengsui::cli
