// Key files of made-up keys in a folder of their own, gone with the object.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace fengsui::event {

class KeyFolder {
 public:
  KeyFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "fengsui-keys-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  KeyFolder(const KeyFolder&) = delete;
  KeyFolder& operator=(const KeyFolder&) = delete;
  ~KeyFolder() { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& text, mode_t mode = 0600) const {
    const std::string file = path("keys.yaml");
    std::filesystem::remove(file);
    std::ofstream(file) << text;
    ::chmod(file.c_str(), mode);
    return file;
  }

 private:
  std::filesystem::path folder_;
};

// Base64 of the bytes 0, 1, … 31.
inline constexpr const char* kCountingKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

inline std::string sample_keys() {
  return std::string("keys:\n") +
         "  - {feed: sample.all, purpose: fraud_victim, epoch: k1, key: "
         "AQEBAQEBAQEBAQEBAQEBAQ==}\n" +
         "  - {feed: sample.all, purpose: fraud_victim, epoch: k2, key: " + kCountingKey + "}\n" +
         "  - {feed: other, purpose: safety, epoch: k2, key: " + kCountingKey + "}\n" +
         "dead_letters: " + kCountingKey + "\n";
}

}  // namespace fengsui::event
