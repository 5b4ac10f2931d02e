"""A reader of CEL text, just enough to know what each name in it stands for.

It evaluates nothing (celenv.py hands the text to cel-cpp). It finds the places where rules.md says
something that CEL does not: field names without `data.`, `event.x`, `let` names, and the int
literal beside a declared double field.
"""
import re

TOKEN = re.compile(r"""
    (?P<space>\s+|//[^\n]*)
  | (?P<string>[rRbB]{0,2}(?:\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''
        |"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
  | (?P<float>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+
        |\.[0-9]+(?:[eE][+-]?[0-9]+)?)
  | (?P<uint>(?:0[xX][0-9a-fA-F]+|[0-9]+)[uU])
  | (?P<int>0[xX][0-9a-fA-F]+|[0-9]+)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<op>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]{}])
""", re.VERBOSE | re.DOTALL)

MACROS = {"all", "exists", "exists_one", "map", "filter"}
LEVELS = [["||"], ["&&"], ["<", "<=", ">", ">=", "==", "!=", "in"], ["+", "-"], ["*", "/", "%"]]


class CelTextError(ValueError):
    pass


class Token:
    def __init__(self, kind, text, start, end):
        self.kind, self.text, self.start, self.end = kind, text, start, end


class Node:
    """kind: literal int name select index call method list map unary binary ternary."""

    def __init__(self, kind, start, end, kids=(), text=""):
        self.kind, self.start, self.end = kind, start, end
        self.kids, self.text = list(kids), text


def next_token(text, at):
    match = TOKEN.match(text, at)
    if not match:
        raise CelTextError(f"unreadable CEL at {at}: {text!r}")
    return Token(match.lastgroup, match.group(), at, match.end())


def tokens_of(text):
    found, at = [], 0
    while at < len(text):
        token = next_token(text, at)
        at = token.end
        if token.kind != "space":
            found.append(token)
    return found


class Parser:
    def __init__(self, text):
        self.text = text
        self.tokens = tokens_of(text) + [Token("end", "", len(text), len(text))]
        self.at = 0

    def peek(self):
        return self.tokens[self.at]

    def take(self, text=None):
        token = self.tokens[self.at]
        if text is not None and token.text != text:
            raise CelTextError(f"expected {text!r} at {token.start}: {self.text!r}")
        self.at += 1
        return token

    def is_op(self, *texts):
        token = self.peek()
        return token.kind in ("op", "name") and token.text in texts

    def whole(self):
        node = self.expression()
        if self.peek().kind != "end":
            raise CelTextError(f"text after the expression: {self.text!r}")
        return node

    def expression(self):
        condition = self.binary(0)
        if not self.is_op("?"):
            return condition
        self.take("?")
        yes = self.binary(0)
        self.take(":")
        no = self.expression()
        return Node("ternary", condition.start, no.end, [condition, yes, no])

    def binary(self, level):
        if level == len(LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while self.is_op(*LEVELS[level]):
            op = self.take().text
            right = self.binary(level + 1)
            left = Node("binary", left.start, right.end, [left, right], op)
        return left

    def unary(self):
        if self.is_op("!", "-"):
            op = self.take()
            kid = self.unary()
            return Node("unary", op.start, kid.end, [kid], op.text)
        return self.member()

    def member(self):
        node = self.primary()
        while True:
            if self.is_op("."):
                self.take(".")
                name = self.take()
                if self.is_op("("):
                    kids = self.arguments("(", ")")
                    node = Node("method", node.start, self.last_end(), [node] + kids, name.text)
                else:
                    node = Node("select", node.start, name.end, [node], name.text)
            elif self.is_op("["):
                kids = self.arguments("[", "]")
                node = Node("index", node.start, self.last_end(), [node] + kids)
            else:
                return node

    def primary(self):
        token = self.peek()
        if self.is_op("("):
            self.take("(")
            inner = self.expression()
            self.take(")")
            return inner  # brackets leave no trace: "beside" is about the tree
        if self.is_op("["):
            kids = self.arguments("[", "]")
            return Node("list", token.start, self.last_end(), kids)
        if self.is_op("{"):
            kids = self.arguments("{", "}")
            return Node("map", token.start, self.last_end(), kids)
        self.take()
        if token.kind == "name":
            if self.is_op("(") and token.text not in ("true", "false", "null"):
                kids = self.arguments("(", ")")
                return Node("call", token.start, self.last_end(), kids, token.text)
            kind = "literal" if token.text in ("true", "false", "null") else "name"
            return Node(kind, token.start, token.end, text=token.text)
        if token.kind == "int":
            return Node("int", token.start, token.end, text=token.text)
        if token.kind in ("string", "float", "uint"):
            return Node("literal", token.start, token.end, text=token.text)
        raise CelTextError(f"unexpected {token.text!r} at {token.start}: {self.text!r}")

    def arguments(self, opening, closing):
        """Expressions between brackets, parted by `,` (or `:` in a map)."""
        self.take(opening)
        kids = []
        while not self.is_op(closing):
            kids.append(self.expression())
            if not self.is_op(closing):
                self.take(":" if self.is_op(":") else ",")
        self.take(closing)
        return kids

    def last_end(self):
        return self.tokens[self.at - 1].end


def parse(text):
    return Parser(text).whole()


def names_bound(node):
    """What a macro's variable is called, for the kids after the first two; else nothing."""
    is_macro = (node.kind == "method" and node.text in MACROS
                and node.kids[1:2] and node.kids[1].kind == "name")
    return {node.kids[1].text} if is_macro else set()


def with_defs(text, defs, hidden=frozenset()):
    """The text with "its condition in brackets, put in where its name stands" for every def.

    `hidden` are names that hide a def: let names, and variables of macros around the place.
    """
    edits = []

    def walk(node, bound):
        if node.kind == "name" and node.text in defs and node.text not in bound:
            edits.append((node.start, node.end, f"({with_defs(defs[node.text], defs, bound)})"))
        variables = names_bound(node)
        for i, kid in enumerate(node.kids):
            if not (variables and i == 1):
                walk(kid, bound | variables if i > 1 else bound)

    walk(parse(text), frozenset(hidden))
    return edited(text, sorted(edits))


def edited(text, edits):
    out, at = [], 0
    for start, end, replacement in edits:
        out += [text[at:start], replacement]
        at = end
    return "".join(out) + text[at:]


class Rewrite:
    """The text of an expression with every name spelled as the environment knows it.

    `names` are let names, and the other names that stand for values of the evaluation rather than
    of the event: `baseline`, a sequence's steps.
    """

    def __init__(self, text, scope, names):
        self.names, self.fields, self.doubles = names, scope.fields, scope.doubles
        self.text = with_defs(text, scope.defs, names)
        self.edits = []  # (start, end, replacement); a name of `names` is (start, end, None)
        self.list_names, self.keyword_names = set(), set()
        self.walk(parse(self.text), frozenset())
        self.edits.sort()

    def walk(self, node, bound):
        if node.kind == "name":
            self.walk_name(node, bound)
        elif node.kind == "select" and self.is_root(node.kids[0], "event", bound):
            # "event.id, event.source, event.type, event.time"
            self.edits.append((node.start, node.end, "event_" + node.text))
        elif node.kind == "select" and self.is_root(node.kids[0], "lists", bound):
            self.list_names.add(node.text)
        elif node.kind == "select" and self.is_root(node.kids[0], "keywords", bound):
            self.keyword_names.add(node.text)
        else:
            if node.kind == "binary" and node.text in ("+", "-", "*", "/"):
                self.widen(node.kids[0], node.kids[1], bound)
                self.widen(node.kids[1], node.kids[0], bound)
            variables = names_bound(node)
            for i, kid in enumerate(node.kids):
                if not (variables and i == 1):
                    self.walk(kid, bound | variables if i > 1 else bound)

    def is_root(self, node, name, bound):
        return (node.kind == "name" and node.text == name
                and name not in bound and name not in self.names)

    def walk_name(self, node, bound):
        if node.text in bound:
            return
        if node.text in self.names:  # "a `let` name hides a field"
            self.edits.append((node.start, node.end, None))
        elif node.text in self.fields:  # "`urgency` is short for `data.urgency`"
            self.edits.append((node.start, node.end, "data." + node.text))

    def widen(self, literal, other, bound):
        """An int literal beside + - * / whose other side is a declared double field is a double."""
        number = literal.kids[0] if literal.kind == "unary" and literal.text == "-" else literal
        if number.kind != "int" or self.field_path(other, bound) not in self.doubles:
            return
        self.edits.append((number.start, number.end, str(int(number.text, 0)) + ".0"))

    def field_path(self, node, bound):
        """`a` or `a.b.c` where `a` is a field here, or a step's name; None for anything else.

        A let's own path is none: `doubles` has paths of fields and, from a step's name, of steps.
        """
        if node.kind == "name":
            if node.text in bound:
                return None
            if node.text in self.names:
                return "step " + node.text
            return node.text if node.text in self.fields else None
        if node.kind == "select":
            head = self.field_path(node.kids[0], bound)
            return None if head is None else f"{head}.{node.text}"
        return None

    def spelled(self, spell):
        """The rewritten text; spell(name) gives the text of one of `names`."""
        return edited(self.text, [(start, end, spell(self.text[start:end]) if new is None else new)
                                  for start, end, new in self.edits])

    def names_read(self):
        return {self.text[start:end] for start, end, new in self.edits if new is None}


def split_template(text):
    """A message: ("text", s) and ("cel", s) parts. `{{` and `}}` are braces."""
    parts, plain, at = [], "", 0
    while at < len(text):
        if text.startswith(("{{", "}}"), at):
            plain += text[at]
            at += 2
        elif text[at] == "{":
            end = closing_brace(text, at)
            parts += [("text", plain), ("cel", text[at + 1:end])]
            plain, at = "", end + 1
        elif text[at] == "}":
            raise CelTextError(f"a lone }} in a message: {text!r}")
        else:
            plain += text[at]
            at += 1
    return [part for part in parts + [("text", plain)] if part != ("text", "")]


def closing_brace(text, at):
    """The place of the } that ends the part whose { stands at `at`; strings are stepped over."""
    depth = 0
    while at < len(text):
        token = next_token(text, at)
        if token.text == "{":
            depth += 1
        elif token.text == "}":
            depth -= 1
            if depth == 0:
                return token.start
        at = token.end
    raise CelTextError(f"a part without its end: {text!r}")
