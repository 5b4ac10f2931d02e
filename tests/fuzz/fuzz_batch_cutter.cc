// libFuzzer: the cutter of batch bodies against a parser that is not ours. Any bytes: no crash, no
// read beyond them; pieces lie in the body, in order; and what is a JSON array is cut into its
// elements.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/invariant.h"
#include "server/body_cutter.h"

namespace {

constexpr size_t kPiecesMax = 1000;

void check_pieces(std::string_view body, const std::vector<std::string_view>& pieces) {
  const char* end = body.data();
  for (const std::string_view piece : pieces) {
    INVARIANT(!piece.empty());
    INVARIANT(piece.data() >= end);
    end = piece.data() + piece.size();
    INVARIANT(end <= body.data() + body.size());
  }
  INVARIANT(pieces.size() <= kPiecesMax);
}

void check_array(std::string_view body) {
  const auto pieces = fengsui::server::cut_array(body, kPiecesMax);
  if (pieces) {
    check_pieces(body, *pieces);
  } else {
    INVARIANT(pieces.error().offset <= body.size());
  }
  const auto parsed = nlohmann::json::parse(body, nullptr, false);
  // nlohmann passes over a byte order mark and ends at a NUL byte; the cutter does neither.
  if (!parsed.is_array() || body.starts_with("\xef\xbb\xbf")) return;
  if (body.find('\0') != body.npos) return;
  if (!pieces) {
    INVARIANT(pieces.error().kind == fengsui::server::CutError::Kind::TooMany);
    return;
  }
  INVARIANT(pieces->size() == parsed.size());
  for (size_t i = 0; i < parsed.size(); ++i) {
    // By their text: a number too large for a double would equal nothing.
    const auto piece = nlohmann::json::parse((*pieces)[i], nullptr, false);
    INVARIANT(piece.dump() == parsed[i].dump());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  check_array(body);
  const auto lines = fengsui::server::cut_lines(body, kPiecesMax);
  if (lines) check_pieces(body, *lines);
  return 0;
}
