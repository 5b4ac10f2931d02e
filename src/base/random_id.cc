#include "base/random_id.h"

#include <random>

#include "base/hash.h"

namespace fengsui {

std::string random_id(size_t bytes) {
  std::random_device random;
  std::string id;
  while (id.size() < bytes) id += static_cast<char>(random());
  return hex_encode(id);
}

}  // namespace fengsui
