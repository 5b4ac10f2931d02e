#include "base/fault.h"

namespace fengsui::fault {

void reached(Point) {}
bool planted(Plant) { return false; }

}  // namespace fengsui::fault
