// What a file holds.
#pragma once

#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace fengsui {

// All of it; nullopt: it cannot be read.
inline std::optional<std::string> read_file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.is_open() || in.bad()) return std::nullopt;
  return text;
}

// A secret: without its last line feed.
inline std::optional<std::string> read_secret(const std::string& path) {
  std::optional<std::string> secret = read_file_text(path);
  if (secret && secret->ends_with('\n')) secret->pop_back();
  return secret;
}

}  // namespace fengsui
