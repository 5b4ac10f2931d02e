# cmake -DFOLDER=<folder> -DOUT=<file.cc> -P this
# Writes a source file that defines rules::json_schemas(): FOLDER/*.schema.json by name.
cmake_minimum_required(VERSION 3.25)
file(GLOB files "${FOLDER}/*.schema.json")
list(SORT files)
set(arrays "")
set(entries "")
foreach(file ${files})
  get_filename_component(name "${file}" NAME_WE)
  file(READ "${file}" digits HEX)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${digits}")
  string(APPEND arrays "constexpr char k_${name}[] = {\n    ${bytes}\n};\n")
  string(APPEND entries "    {\"${name}\", {k_${name}, sizeof k_${name}}},\n")
endforeach()
file(WRITE "${OUT}" "#include \"rules/json_schema.h\"

namespace fengsui::rules {
namespace {

${arrays}
constexpr JsonSchema kSchemas[] = {
${entries}};

}  // namespace

std::span<const JsonSchema> json_schemas() { return kSchemas; }

}  // namespace fengsui::rules
")
