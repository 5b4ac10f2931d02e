// A group's values in their stored form, as a table of many groups keeps them: in place up to
// fifteen bytes, which is what a usual id takes.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace fengsui::pipeline {

class GroupName {
 public:
  explicit GroupName(std::string_view bytes) {
    if (bytes.size() <= kInPlaceMax) {
      place_[0] = static_cast<char>(bytes.size());
      if (!bytes.empty()) std::memcpy(place_ + 1, bytes.data(), bytes.size());
      return;
    }
    const auto size = static_cast<uint32_t>(bytes.size());
    char* const apart = new char[bytes.size()];
    std::memcpy(apart, bytes.data(), bytes.size());
    place_[0] = kApart;
    std::memcpy(place_ + kSizeAt, &size, sizeof size);
    std::memcpy(place_ + kPointerAt, &apart, sizeof apart);
  }
  ~GroupName() {
    if (place_[0] == kApart) delete[] apart();
  }
  GroupName(const GroupName&) = delete;
  GroupName& operator=(const GroupName&) = delete;

  bool is_in_place() const { return place_[0] != kApart; }
  std::string_view bytes() const {
    if (place_[0] != kApart) return {place_ + 1, static_cast<size_t>(place_[0])};
    uint32_t size = 0;
    std::memcpy(&size, place_ + kSizeAt, sizeof size);
    return {apart(), size};
  }

 private:
  static constexpr size_t kInPlaceMax = 15;
  static constexpr char kApart = 0x7f;
  static constexpr size_t kSizeAt = 4, kPointerAt = 8;
  char* apart() const {
    char* pointer = nullptr;
    std::memcpy(&pointer, place_ + kPointerAt, sizeof pointer);
    return pointer;
  }
  alignas(8) char place_[16];
};

}  // namespace fengsui::pipeline
