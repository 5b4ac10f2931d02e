#include "base/random_id.h"

#include <cstdint>
#include <random>

namespace fengsui {

std::string random_id(size_t bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::random_device random;
  std::string id;
  while (id.size() < 2 * bytes) {
    const auto byte = static_cast<uint8_t>(random());
    id += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return id;
}

}  // namespace fengsui
