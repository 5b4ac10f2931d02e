// Cuts the body of a POST into the texts of its events, byte for byte as they came, so that a dead
// letter keeps what was sent. Only finds the borders: whether an element is JSON is the decoder's
// to say. Pure functions; the pieces are views into the body.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace fengsui::server {

struct CutError {
  enum class Kind { NotAnArray, TooMany };
  Kind kind;
  size_t offset;  // of the byte at which the cutter gave up
  std::string message;
};

// The elements of a JSON array, without the whitespace around them. Brackets must be balanced and
// strings closed, or no border can be trusted: then there are no pieces.
// Over all valid JSON arrays: pieces are the texts of the elements, in order.
Expected<std::vector<std::string_view>, CutError> cut_array(std::string_view body,
                                                            size_t pieces_max);

// The lines of an NDJSON body, without their line feeds; a blank one (source::is_blank) is no
// piece.
Expected<std::vector<std::string_view>, CutError> cut_lines(std::string_view body,
                                                            size_t pieces_max);

}  // namespace fengsui::server
