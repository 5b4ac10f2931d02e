// The key file of identity.h, as text: read and made, with its mode. No keys are kept here.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace fengsui::event {

struct KeyFile {
  struct Key {
    std::string feed, purpose, epoch;
    std::string bytes;
  };
  std::vector<Key> keys;     // in file order
  std::string dead_letters;  // 32 bytes, or none
  std::string digest;        // OpenSSL's name: "SHA256" or "SM3"

  KeyFile() = default;
  KeyFile(KeyFile&&) = default;
  KeyFile& operator=(KeyFile&&) = default;
  ~KeyFile();  // wipes
};

// Refuses a file that others than its owner can read or write.
Expected<KeyFile> read_key_file(const std::string& path);

// Makes a file, mode 0600, that holds `dead_letters` alone, whole or not at all, if there is no
// file at `path` yet; leaves one that is there as it is. Synced.
Expected<void> make_dead_letter_file(const std::string& path, const std::string& dead_letters);

// Overwrites before it lets go.
void wipe(std::string& secret);

}  // namespace fengsui::event
