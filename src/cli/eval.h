// `fengsui eval`: CEL expressions over bindings (interfaces.md, "Commands").
#pragma once

#include <string>

namespace fengsui::cli {

// One expression; `bindings`: a file of a JSON object, - for standard input, empty for none. The
// value goes to standard output as JSON, an error to standard error with status 1.
int eval(const std::string& expression, const std::string& bindings);

// One {"expr", "bindings"} a line of `file` (- is standard input), one {"value"} or {"error"} a
// line out, in order.
int eval_batch(const std::string& file);

}  // namespace fengsui::cli
