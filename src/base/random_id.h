// Names that no other thing has, ever.
#pragma once

#include <cstddef>
#include <string>

namespace fengsui {

// So many random bytes of the machine's, as lower-case hex digits: two each. Thread-safe.
std::string random_id(size_t bytes);

}  // namespace fengsui
