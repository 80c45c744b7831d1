// A server that makes a page with the package in it: there is no page here, and nothing may be missed.
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import * as element from '@waitboard/wait-time';
import * as react from '@waitboard/wait-time/react';

console.log(Object.keys(element).join(), Object.keys(react).join());
console.log(renderToString(createElement(react.WaitTime, { api: 'https://wait.example.com', widget: 'support', className: 'wide', onUpdate() {} }, 'One moment')));
