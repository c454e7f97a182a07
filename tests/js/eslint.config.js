import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["static/vendor/**", "**/node_modules/**"] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      complexity: ["error", 12],
      "consistent-return": "error",
      curly: ["error", "multi-line"],
      eqeqeq: "error",
      "max-len": ["error", { code: 100, ignoreUrls: true }],
      "max-lines": ["error", { max: 300 }],
      "max-lines-per-function": ["error", { max: 40, skipComments: true }],
      "max-params": ["error", 4],
      "no-implicit-coercion": "error",
      "no-nested-ternary": "error",
      "no-shadow": "error",
      "no-unused-vars": ["error", { args: "all", argsIgnorePattern: "^_" }],
      "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
      "no-var": "error",
      "object-shorthand": "error",
      "one-var": ["error", "never"],
      "prefer-const": "error",
      "prefer-template": "error",
    },
  },
  {
    files: ["static/js/**"],
    languageOptions: { globals: globals.browser },
    rules: { "no-console": "error" },
  },
  { files: ["tests/js/**"], languageOptions: { globals: globals.node } },
];
