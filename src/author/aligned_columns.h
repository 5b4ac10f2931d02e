// Text in columns for a terminal, where a Chinese character is as wide as two Latin ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fengsui::author {

// In cells of a terminal.
size_t display_width(std::string_view text);
// With spaces behind it, to `width` cells; a longer one stays.
std::string padded(std::string_view text, size_t width);
// At most `width` cells, the last one an ellipsis where something is left out.
std::string shortened(std::string_view text, size_t width);

// Rows as lines, two spaces between columns, none at their ends. Columns from `right_from` on stand
// to the right.
std::string as_table(const std::vector<std::vector<std::string>>& rows,
                     size_t right_from = SIZE_MAX);

}  // namespace fengsui::author
