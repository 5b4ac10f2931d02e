// The tripwire over a whole record (privacy.md 4), on its text: values that the schema does not
// know are looked at too. Requires everywhere: the text passed check_json.
#pragma once

#include <string>
#include <string_view>

namespace fengsui::event {

// Cheap and never wrong in the other direction: false means that no string of the text can hold a
// number that names_a_person() finds.
bool may_name_a_person(std::string_view json);

// Looks at all string values of the one JSON value that `json` begins with; what stands behind it
// and the names of objects do not count. `scratch` is used for strings with escapes.
bool value_names_a_person(std::string_view json, std::string& scratch);

}  // namespace fengsui::event
