#include "cli/exit_status.h"

#include <cstdio>

namespace fengsui::cli {

int report(const Error& error) {
  std::fprintf(stderr, "fengsui: %s\n", error.message.c_str());
  switch (error.kind) {
    case Error::Kind::BadInput:
      return kPackErrors;
    case Error::Kind::Usage:
      return kUsage;
    case Error::Kind::Outside:
      return kOutside;
  }
  return kOutside;
}

}  // namespace fengsui::cli
