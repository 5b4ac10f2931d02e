#include "author/aligned_columns.h"

#include <unicode/uchar.h>

#include <algorithm>

#include "cel/utf8.h"

namespace fengsui::author {
namespace {

size_t width_of(char32_t c) {
  const auto point = static_cast<UChar32>(c);
  switch (u_charType(point)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_FORMAT_CHAR:
      return 0;
    default:
      break;
  }
  const int width = u_getIntPropertyValue(point, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_FULLWIDTH || width == U_EA_WIDE ? 2 : 1;
}

}  // namespace

size_t display_width(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size();) width += width_of(cel::next_code_point(text, at));
  return width;
}

std::string padded(std::string_view text, size_t width) {
  std::string out(text);
  const size_t own = display_width(text);
  if (own < width) out.append(width - own, ' ');
  return out;
}

std::string shortened(std::string_view text, size_t width) {
  if (display_width(text) <= width) return std::string(text);
  size_t used = 1, end = 0;  // the ellipsis
  for (size_t at = 0; at < text.size();) {
    used += width_of(cel::next_code_point(text, at));
    if (used > width) break;
    end = at;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string as_table(const std::vector<std::vector<std::string>>& rows, size_t right_from) {
  std::vector<size_t> widths;
  for (const std::vector<std::string>& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  std::string out;
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += "  ";
      const size_t free = widths[i] - display_width(row[i]);
      if (i >= right_from) line.append(free, ' ');
      line += row[i];
      if (i < right_from) line.append(free, ' ');
    }
    line.resize(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace fengsui::author
