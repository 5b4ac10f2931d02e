// Linked into the test twin alone; see fault.h.
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/fault.h"

namespace fengsui::fault {
namespace {

constexpr std::array<std::string_view, 8> kPointNames = {
    "before_log_write", "after_log_write", "before_send", "after_send",
    "before_mark",      "in_checkpoint",   "in_archive",  "in_swap"};
constexpr std::array<std::string_view, 3> kPlantNames = {"no_dedupe", "no_quiet_on_recovery",
                                                         "no_sync"};

struct Armed {
  int point = -1;
  long passes_left = 0;
};

Armed read_armed() {
  const char* text = std::getenv("FENGSUI_FAULT_POINT");
  if (text == nullptr) return {};
  const std::string_view all = text;
  const size_t colon = all.find(':');
  for (size_t i = 0; i < kPointNames.size(); ++i) {
    if (all.substr(0, colon) != kPointNames[i]) continue;
    const long passes = colon == all.npos ? 1 : std::atol(text + colon + 1);
    return {static_cast<int>(i), passes};
  }
  return {};
}

bool read_planted(Plant plant) {
  const char* text = std::getenv("FENGSUI_FAULT_PLANT");
  if (text == nullptr) return false;
  const std::string all = "," + std::string(text) + ",";
  const std::string name(kPlantNames[static_cast<size_t>(plant)]);
  return all.find("," + name + ",") != std::string::npos;
}

}  // namespace

void reached(Point point) {
  static const Armed kArmed = read_armed();
  static std::atomic<long> left{kArmed.passes_left};
  if (static_cast<int>(point) != kArmed.point) return;
  if (--left == 0) kill(getpid(), SIGKILL);
}

bool planted(Plant plant) {
  static const std::array<bool, 3> kPlanted = {read_planted(Plant::NoDedupe),
                                               read_planted(Plant::NoQuietOnRecovery),
                                               read_planted(Plant::NoSync)};
  return kPlanted[static_cast<size_t>(plant)];
}

}  // namespace fengsui::fault
